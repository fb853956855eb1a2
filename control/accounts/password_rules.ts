/** Which passwords are taken: by their length, and by what is tried first (NIST SP 800-63B). Pure. */
import { SkerryError } from "../../shared/errors.ts";

const MIN_LENGTH = 10;
const MAX_LENGTH = 256;

/** Of the lists of leaked passwords those that are long enough. */
const WORST = new Set([
  "1111111111",
  "0000000000",
  "0123456789",
  "1234567890",
  "12345678910",
  "123456789a",
  "1234567891",
  "123123123123",
  "1q2w3e4r5t",
  "1q2w3e4r5t6y",
  "1qaz2wsx3edc",
  "9876543210",
  "0987654321",
  "abc1234567",
  "abcd123456",
  "abcdefghij",
  "administrator",
  "adminadmin",
  "admin12345",
  "admin123456",
  "asdfghjkl;",
  "asdfghjkl1",
  "baseball123",
  "changeme123",
  "changemenow",
  "computer123",
  "dragon1234",
  "football123",
  "iloveyou123",
  "letmein123",
  "letmein1234",
  "p@ssw0rd123",
  "passw0rd123",
  "password01",
  "password11",
  "password12",
  "password123",
  "password1234",
  "password12345",
  "passwordpassword",
  "princess123",
  "q1w2e3r4t5",
  "q1w2e3r4t5y6",
  "qazwsxedcrfv",
  "qwerty1234",
  "qwerty12345",
  "qwerty123456",
  "qwertyuiop",
  "qwertyuiop123",
  "raspberry123",
  "raspberrypi",
  "secret1234",
  "skerryskerry",
  "sunshine123",
  "superman123",
  "trustno1trustno1",
  "welcome123",
  "welcome1234",
  "zaq12wsxcde3",
  "zxcvbnm123",
]);

/** Error `password_weak` where it is not taken; the password is not in it. */
export function checkPassword(password: string, name: string): void {
  const length = [...password].length;
  const lower = password.toLowerCase();
  const why = length < MIN_LENGTH
    ? `it has fewer than ${MIN_LENGTH} characters`
    : length > MAX_LENGTH
    ? `it has more than ${MAX_LENGTH} characters`
    : !password.isWellFormed()
    ? "it holds half of a character"
    : WORST.has(lower)
    ? "it is among those that are tried first"
    : new Set(lower).size < 3
    ? "it repeats one or two characters"
    : lower.replaceAll(name.toLowerCase(), "").length < 4
    ? "it is little more than the account's name"
    : null;
  if (why === null) return;
  throw new SkerryError(
    "password_weak",
    `this password is not taken: ${why}`,
    `Take at least ${MIN_LENGTH} characters that nobody guesses; a sentence is well.`,
  );
}
