/** DNS messages for tests, read and written by another implementation than ours (npm dns-packet). */
import dnsPacket from "dns-packet";
import { Buffer } from "node:buffer";
import { z } from "zod";

const Message = z.object({
  id: z.int(),
  rcode: z.string(),
  flag_aa: z.boolean(),
  flag_tc: z.boolean(),
  flag_ra: z.boolean(),
  questions: z.array(z.object({ name: z.string(), type: z.string() })),
  answers: z.array(z.object({
    name: z.string(),
    type: z.string(),
    ttl: z.int().optional(),
    data: z.unknown(),
  })),
  authorities: z.array(z.object({ name: z.string(), type: z.string(), data: z.unknown() })),
  additionals: z.array(z.object({ type: z.string() })),
});
export type Message = z.infer<typeof Message>;

/** Throws where the message is malformed. */
export function readMessage(bytes: Uint8Array): Message {
  return Message.parse(dnsPacket.decode(Buffer.from(bytes)));
}

/** The data of the answer records as text, sorted. */
export function answerData(message: Message): string[] {
  return message.answers.map(({ data }) => typeof data === "string" ? data : JSON.stringify(data))
    .sort();
}

export interface Reply {
  readonly rcode?: number;
  readonly truncated?: boolean;
  readonly answers?: readonly { readonly data: string; readonly ttl: number }[];
  /** Minimum of the SOA in the authority section; absent: no SOA. */
  readonly soaMinimum?: number;
}

/** The bytes of an upstream's answer to a query. */
export function writeReply(query: Uint8Array, reply: Reply): Uint8Array<ArrayBuffer> {
  const asked = readMessage(query);
  const name = asked.questions[0]?.name ?? ".";
  const soa = reply.soaMinimum === undefined ? [] : [{
    name: "example",
    type: "SOA",
    ttl: reply.soaMinimum,
    data: {
      mname: "ns.example",
      rname: "host.example",
      serial: 1,
      refresh: 1,
      retry: 1,
      expire: 1,
      minimum: reply.soaMinimum,
    },
  }];
  const bytes = dnsPacket.encode({
    id: asked.id,
    type: "response",
    flags: (reply.rcode ?? 0) | 0x0180 | (reply.truncated === true ? 0x0200 : 0),
    questions: asked.questions,
    answers: (reply.answers ?? []).map((one) => ({ name, type: "A", ...one })),
    authorities: soa,
    additionals: [{ type: "OPT", name: ".", udpPayloadSize: 4096 }],
  });
  return new Uint8Array(bytes);
}
