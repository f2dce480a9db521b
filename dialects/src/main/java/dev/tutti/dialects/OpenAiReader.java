package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.MeshException;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;

/// Reads the answers of OpenAI-compatible engines to chats and completions: streams, and whole
/// objects where an engine does not stream; llama-server's own `/infill` too.
final class OpenAiReader implements AnswerReader {
  private static final byte[] DONE = {'[', 'D', 'O', 'N', 'E', ']'};

  private final OpenAiRecords records = new OpenAiRecords();
  private final Utf8Buffer whole = new Utf8Buffer(AnswerShape.MAX_WHOLE_BYTES);
  private final SseEvents events = new SseEvents(this::event);
  private AnswerShape shape = AnswerShape.UNKNOWN;
  private boolean done;
  private boolean ownError;
  private Consumer<Delta> out = delta -> {};

  @Override
  public void feed(byte[] bytes, Consumer<Delta> out) {
    byte[] meant = shape == AnswerShape.UNKNOWN ? AnswerShape.withoutBlanks(bytes) : bytes;
    if (meant.length == 0) {
      return;
    }
    if (shape == AnswerShape.UNKNOWN) {
      shape = AnswerShape.of(meant[0]);
    }
    if (shape == AnswerShape.WHOLE) {
      whole.raw(meant);
      return;
    }
    this.out = out;
    events.feed(meant);
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
      if (shape == AnswerShape.WHOLE) {
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
  public Optional<Delta.Usage> soFar() {
    return records.soFar();
  }

  @Override
  public Failure refused(int status, String retryAfter, byte[] body) {
    return EngineErrors.refused(status, retryAfter, body);
  }
}
