package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.MeshException;
import java.util.Optional;
import java.util.function.Consumer;

/// Reads the streams of Anthropic's dialect. Nothing but `message_stop` is a good end.
final class AnthropicReader implements AnswerReader {
  private final AnthropicRecords records = new AnthropicRecords();
  private final SseEvents events = new SseEvents(this::event);
  private Consumer<Delta> out = delta -> {};

  @Override
  public void feed(byte[] bytes, Consumer<Delta> out) {
    this.out = out;
    events.feed(bytes);
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
      events.end();
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
