/** The client's calls on images that go on for a while. */
import { parseAnswer } from "./answer.ts";
import type { Sent } from "./calls.ts";
import type { Endpoint } from "./endpoint.ts";
import { IMAGE_SESSIONS } from "./image_endpoints.ts";
import { PullEvent, PushEvent, VerifyEvent } from "./images.ts";
import { ApiError } from "./problem.ts";
import { recordsIn } from "./stream.ts";

type Going<Event> = AsyncGenerator<Exclude<Event, { type: "error" }>>;

export interface ImageApi {
  pullImage(reference: string, signal?: AbortSignal): Going<PullEvent>;
  /** @param destination null: the image's own name */
  pushImage(image: string, destination: string | null, signal?: AbortSignal): Going<PushEvent>;
  /** @param project null: what the releases of all projects need */
  verifyImages(project: string | null, signal?: AbortSignal): Going<VerifyEvent>;
}

/** @param stream how the client sends what is answered line by line */
export function imageApi(
  stream: (described: Endpoint, sent: Sent) => Promise<ReadableStream<Uint8Array>>,
): ImageApi {
  return {
    async *pullImage(reference, signal) {
      const body = await stream(IMAGE_SESSIONS.pullImage, { query: { reference }, signal });
      for await (const line of recordsIn(body)) {
        const event = parseAnswer(PullEvent, line);
        if (event.type === "error") throw new ApiError(event.problem.status, event.problem);
        yield event;
      }
    },
    async *pushImage(image, destination, signal) {
      const query = { image, ...(destination === null ? {} : { destination }) };
      const body = await stream(IMAGE_SESSIONS.pushImage, { query, signal });
      for await (const line of recordsIn(body)) {
        const event = parseAnswer(PushEvent, line);
        if (event.type === "error") throw new ApiError(event.problem.status, event.problem);
        yield event;
      }
    },
    async *verifyImages(project, signal) {
      const query = project === null ? {} : { project };
      const body = await stream(IMAGE_SESSIONS.verifyImages, { query, signal });
      for await (const line of recordsIn(body)) {
        const event = parseAnswer(VerifyEvent, line);
        if (event.type === "error") throw new ApiError(event.problem.status, event.problem);
        yield event;
      }
    },
  };
}
