package dev.tutti.gateway;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import dev.tutti.core.TaskId;
import dev.tutti.core.Time;
import dev.tutti.worklist.ItemState;
import dev.tutti.worklist.ItemView;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The states of one task for one client, as server-sent events, until the last one. Owner loop
/// only.
final class TaskStates {
  static final String SSE = "text/event-stream";

  private static final Duration COME_BACK = Duration.ofSeconds(5);

  private final Exchange exchange;
  private final TaskId id;
  private final GatewayParts parts;
  private final GatewayLimits limits;
  private Optional<ItemState> told = Optional.empty();
  private Runnable stop = () -> {};
  private Time.@Nullable Timer pulse;
  private boolean over;

  TaskStates(Exchange exchange, TaskId id, GatewayParts parts, GatewayLimits limits) {
    this.exchange = exchange;
    this.id = id;
    this.parts = parts;
    this.limits = limits;
  }

  void begin() {
    Optional<Runnable> watch = parts.worklist().watch(id, this::look);
    if (watch.isEmpty()) {
      exchange.fail(
          Failure.of(FailureCode.BUSY, Retry.SAFE_NOT_STARTED, "too many watch tasks")
              .retryAfter(COME_BACK));
      return;
    }
    stop = watch.get();
    exchange.onGone(this::end);
    HttpServerResponse response = exchange.response();
    exchange.common();
    response.putHeader("content-type", SSE);
    response.putHeader("cache-control", "no-cache");
    response.putHeader("x-accel-buffering", "no");
    response.setChunked(Severing.chunks(exchange.request()));
    beat();
    look();
  }

  private void look() {
    if (!over) {
      var _ =
          parts
              .worklist()
              .item(id, WorkAnswers.viewer(exchange))
              .whenComplete((item, fault) -> {
                if (fault != null) {
                  end();
                  exchange.sever();
                } else if (item != null) {
                  item.ifPresentOrElse(this::tell, this::close);
                }
              });
    }
  }

  /// States are few, so nobody reads too slowly for them.
  private void tell(ItemView item) {
    if (over || told.filter(item.state()::equals).isPresent()) {
      return;
    }
    told = Optional.of(item.state());
    var _ =
        exchange
            .response()
            .write("event: state\ndata: " + JsonText.text(WorkDocuments.task(item)) + "\n\n");
    if (item.state().isEnd()) {
      close();
    }
  }

  private void close() {
    if (!over) {
      end();
      var _ = exchange.response().end();
    }
  }

  private void beat() {
    pulse =
        parts
            .time()
            .after(
                limits.answers().keepAlive(),
                () -> {
                  if (!exchange.response().writeQueueFull()) {
                    var _ = exchange.response().write(": still here\n\n");
                  }
                  beat();
                });
  }

  private void end() {
    over = true;
    stop.run();
    if (pulse != null) {
      pulse.cancel();
    }
  }
}
