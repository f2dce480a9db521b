package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.MeshException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/// Reads the answers of OpenAI-compatible engines to chats and completions: streams, and whole
/// objects where an engine does not stream; llama-server's own `/infill` too.
final class OpenAiReader implements AnswerReader {
  /// How long an answer in one piece may be, in bytes.
  static final int MAX_WHOLE_BYTES = 64 * 1024 * 1024;

  private static final byte BYTE_ORDER_MARK = (byte) 0xEF;
  private static final byte[] DONE = {'[', 'D', 'O', 'N', 'E', ']'};

  private final OpenAiRecords records = new OpenAiRecords();
  private final Utf8Buffer whole = new Utf8Buffer(MAX_WHOLE_BYTES);
  private final SseEvents events = new SseEvents(this::event);
  private Shape shape = Shape.UNKNOWN;
  private boolean done;
  private boolean ownError;
  private Consumer<Delta> out = delta -> {};

  private enum Shape {
    UNKNOWN,
    EVENTS,
    WHOLE
  }

  @Override
  public void feed(byte[] bytes, Consumer<Delta> out) {
    byte[] meant = shape == Shape.UNKNOWN ? withoutBlanks(bytes) : bytes;
    if (meant.length == 0) {
      return;
    }
    if (shape == Shape.UNKNOWN) {
      shape = shapeOf(meant[0]);
    }
    if (shape == Shape.WHOLE) {
      whole.raw(meant);
      return;
    }
    this.out = out;
    events.feed(meant);
  }

  /// Blanks before an answer mean nothing in either shape.
  private static byte[] withoutBlanks(byte[] bytes) {
    int from = 0;
    while (from < bytes.length && isBlank(bytes[from])) {
      from++;
    }
    return from == 0 ? bytes : Arrays.copyOfRange(bytes, from, bytes.length);
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t' || b == '\r' || b == '\n';
  }

  private static Shape shapeOf(byte first) {
    if (first == '{') {
      return Shape.WHOLE;
    }
    if ((first >= 'a' && first <= 'z') || first == ':' || first == BYTE_ORDER_MARK) {
      return Shape.EVENTS;
    }
    throw EngineErrors.garbage(); // a proxy's page, mostly
  }

  private void event(String type, byte[] bytes, int length) {
    if (done) {
      return;
    }
    if (type.equals("error")) {
      ownError = true;
      throw EngineErrors.inAnswer(EngineErrors.words(Arrays.copyOf(bytes, length)));
    }
    if (isDone(bytes, length)) {
      done = true;
      return;
    }
    records.read(bytes, length, out);
  }

  private static boolean isDone(byte[] bytes, int length) {
    int end = length;
    while (end > 0 && bytes[end - 1] == ' ') {
      end--;
    }
    return Arrays.equals(bytes, 0, end, DONE, 0, DONE.length);
  }

  @Override
  public Optional<Failure> end(Consumer<Delta> out) {
    this.out = out;
    try {
      if (shape == Shape.WHOLE) {
        records.read(whole.array(), whole.size(), out);
        done = true;
      } else {
        events.end();
      }
    } catch (MeshException e) {
      if (ownError || records.ownError()) {
        return Optional.of(e.failure());
      }
      // The last bytes are half a record: the stream was cut, which only matters before the finish.
    }
    if (!done && !records.finished()) {
      return Optional.of(EngineErrors.brokenStream());
    }
    if (!records.anything()) {
      return Optional.of(EngineErrors.garbage().failure());
    }
    records.end(out);
    return Optional.empty();
  }

  @Override
  public Failure refused(int status, String retryAfter, byte[] body) {
    return EngineErrors.refused(status, retryAfter, body);
  }
}
