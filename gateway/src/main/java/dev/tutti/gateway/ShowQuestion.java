package dev.tutti.gateway;

import dev.tutti.core.BackendId;
import dev.tutti.core.Failure;
import dev.tutti.core.Time;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Asks one Ollama all about one of its models. What does not come in time, or is no good answer,
/// is none: the facts serve then. Owner loop only.
final class ShowQuestion implements EngineCalls.Listener {
  /// The longest wait for an answer.
  static final Duration WITHIN = Duration.ofSeconds(2);

  /// The largest answer, in bytes: with `verbose` it lists every token of the vocabulary.
  static final int MAX_BYTES = 32 * 1024 * 1024;

  private static final int OK = 200;

  private final Consumer<Optional<byte[]>> told;
  private final Buffer body = Buffer.buffer();
  private EngineCalls.@Nullable Call call;
  private Time.@Nullable Timer timer;
  private int status;
  private boolean over;

  private ShowQuestion(Consumer<Optional<byte[]>> told) {
    this.told = told;
  }

  /// Asks.
  ///
  /// @param told hears the answer once, unless the client leaves before
  static void ask(
      Exchange exchange,
      GatewayParts parts,
      BackendId backend,
      byte[] request,
      Consumer<Optional<byte[]>> told) {
    var question = new ShowQuestion(told);
    question.timer = parts.time().after(WITHIN, question::giveUp);
    EngineCalls.Call begun =
        parts
            .engines()
            .open(
                backend,
                new EngineCalls.Request(
                    "POST",
                    "/api/show",
                    Map.of("content-type", "application/json"),
                    OptionalLong.of(request.length),
                    false),
                question);
    question.call = begun;
    exchange.onGone(() -> {
      question.stop();
      begun.cancel();
    });
    begun.write(Buffer.buffer(request));
    begun.end();
  }

  @Override
  public void head(int answered, Map<String, String> headers) {
    status = answered;
  }

  @Override
  public void chunk(Buffer bytes) {
    if (over) {
      return;
    }
    if (body.length() + bytes.length() > MAX_BYTES) {
      giveUp();
    } else {
      body.appendBuffer(bytes);
    }
  }

  @Override
  public void end() {
    conclude(status == OK ? Optional.of(body.getBytes()) : Optional.empty());
  }

  @Override
  public void failed(Failure failure) {
    conclude(Optional.empty());
  }

  private void giveUp() {
    if (!over && call != null) {
      call.cancel();
    }
    conclude(Optional.empty());
  }

  private void conclude(Optional<byte[]> answer) {
    if (!over) {
      stop();
      told.accept(answer);
    }
  }

  private void stop() {
    over = true;
    if (timer != null) {
      timer.cancel();
    }
  }
}
