package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.MeshException;
import java.util.Optional;
import java.util.function.Consumer;

/// Reads the streams of Anthropic's dialect, of which nothing but `message_stop` is a good end; and
/// whole messages where a server does not stream.
final class AnthropicReader implements AnswerReader {
  private final AnthropicRecords records = new AnthropicRecords();
  private final SseEvents events = new SseEvents(this::event);
  private final Utf8Buffer whole = new Utf8Buffer(AnswerShape.MAX_WHOLE_BYTES);
  private AnswerShape shape = AnswerShape.UNKNOWN;
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
    if (!records.finished()) {
      records.read(type, bytes, length, out);
    }
  }

  @Override
  public Optional<Failure> end(Consumer<Delta> out) {
    this.out = out;
    try {
      if (shape == AnswerShape.WHOLE) {
        records.read("", whole.array(), whole.size(), out);
        if (!records.finished()) {
          return Optional.of(EngineErrors.garbage().failure());
        }
      } else {
        events.end();
      }
    } catch (MeshException e) {
      if (records.ownError()) {
        return Optional.of(e.failure());
      }
      // The last bytes are half a record: the stream was cut, which only matters before the finish.
    }
    return records.finished() ? Optional.empty() : Optional.of(EngineErrors.brokenStream());
  }

  @Override
  public Failure refused(int status, String retryAfter, byte[] body) {
    return EngineErrors.refused(status, retryAfter, body);
  }
}
