package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.MeshException;
import dev.tutti.dialects.ClientRequest.AnswerSketch;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// The frames of an OpenAI stream of either kind: the same id, model and time in each chunk, one
/// finish, usage only where it was asked for, `[DONE]` at the good end only.
final class OpenAiFrames {
  static final String CONTENT_TYPE = "text/event-stream";

  /// A comment, as the format of events has it.
  private static final byte[] KEEP_ALIVE = {':', '\n', '\n'};

  private final AnswerSketch sketch;
  private final AnswerContext context;
  private final String idPrefix;
  private final String object;
  private byte @Nullable [] head;
  private Delta.@Nullable Usage usage;
  private boolean finished;

  OpenAiFrames(AnswerSketch sketch, AnswerContext context, String idPrefix, String object) {
    this.sketch = sketch;
    this.context = context;
    this.idPrefix = idPrefix;
    this.object = object;
  }

  /// A frame up to and including `"choices":`.
  Utf8Buffer begin() {
    byte[] known = head;
    if (known == null) {
      known =
          new Utf8Buffer()
              .raw("data: {\"id\":")
              .json(idPrefix + context.id())
              .raw(",\"object\":\"" + object + "\",\"created\":" + context.createdSeconds())
              .raw(",\"model\":")
              .json(OpenAiBodies.model(sketch, context))
              .raw(",\"choices\":")
              .toBytes();
      head = known;
    }
    return new Utf8Buffer().raw(known);
  }

  /// The rest of a frame after its choices.
  byte[] close(Utf8Buffer frame) {
    return frame.raw(sketch.includeUsage() ? ",\"usage\":null}\n\n" : "}\n\n").toBytes();
  }

  void usage(Delta.Usage said) {
    usage = said;
  }

  /// Remembers that the finish was written.
  ///
  /// @return false when it was before: there is only one
  boolean finish() {
    boolean firstTime = !finished;
    finished = true;
    return firstTime;
  }

  byte[] end() {
    if (!finished) {
      throw new MeshException(EngineErrors.brokenStream());
    }
    var last = new Utf8Buffer();
    Optional.ofNullable(usage)
        .filter(_ -> sketch.includeUsage())
        .ifPresent(said -> {
          ObjectNode node = Json.object();
          OpenAiBodies.usage(node, said);
          byte[] frame = begin().raw("[],\"usage\":").raw(Json.bytes(node.get("usage"))).toBytes();
          last.raw(frame).raw("}\n\n");
        });
    return last.raw("data: [DONE]\n\n").toBytes();
  }

  static byte[] error(Failure failure) {
    return new Utf8Buffer()
        .raw("data: ")
        .raw(Json.bytes(ErrorBodies.openAiInStream(failure)))
        .raw("\n\n")
        .toBytes();
  }

  static byte[] keepAlive() {
    return KEEP_ALIVE.clone();
  }

  void restart() {
    head = null;
    usage = null;
    finished = false;
  }
}
