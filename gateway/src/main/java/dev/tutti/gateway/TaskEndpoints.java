package dev.tutti.gateway;

import static io.vertx.core.http.HttpMethod.DELETE;
import static io.vertx.core.http.HttpMethod.GET;
import static io.vertx.core.http.HttpMethod.POST;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import dev.tutti.core.TaskId;
import dev.tutti.core.Time;
import dev.tutti.dialects.ClientRequest;
import dev.tutti.dialects.Json;
import dev.tutti.dispatch.TaskRecord;
import dev.tutti.dispatch.TaskView;
import dev.tutti.worklist.ItemResult;
import dev.tutti.worklist.ItemState;
import dev.tutti.worklist.ItemView;
import dev.tutti.worklist.Viewer;
import dev.tutti.worklist.Wishes;
import dev.tutti.worklist.WorkLimits;
import dev.tutti.worklist.WorkList;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// `/mesh/v1/tasks`: what is under way or has just been, and tasks whose client does not wait.
/// Owner loop only.
final class TaskEndpoints {
  /// The longest time that a client may wait for a task within one request.
  static final Duration MAX_WAIT = Duration.ofSeconds(60);

  private static final int USUAL_PAGE = 100;
  private static final int LARGEST_PAGE = 1_000;
  private static final int ACCEPTED = 202;

  private final GatewayParts parts;
  private final WorkAnswers answers;
  private final GatewayLimits limits;

  TaskEndpoints(GatewayParts parts, WorkAnswers answers, GatewayLimits limits) {
    this.parts = parts;
    this.answers = answers;
    this.limits = limits;
  }

  List<Route> routes() {
    return List.of(
        new Route(POST, "/mesh/v1/tasks", Route.Access.INFER, this::submit),
        new Route(GET, "/mesh/v1/tasks", Route.Access.OWN, this::list),
        new Route(GET, "/mesh/v1/tasks/{id}", Route.Access.OWN, this::task),
        new Route(GET, "/mesh/v1/tasks/{id}/result", Route.Access.OWN, this::result),
        new Route(GET, "/mesh/v1/tasks/{id}/events", Route.Access.OWN, this::events),
        new Route(DELETE, "/mesh/v1/tasks/{id}", Route.Access.OWN, this::cancel));
  }

  // ---- coming

  private void submit(Exchange exchange) {
    Wishes wishes = WorkAnswers.wishes(exchange, parts);
    answers.read(
        exchange,
        body -> ask(Json.read(body), wishes),
        ask ->
            WorkAnswers.then(
                exchange,
                parts.worklist().submit(exchange.principal(), ask),
                task -> {
                  AnswerHeaders.task(exchange.response(), task.id());
                  exchange.response().putHeader("location", "/mesh/v1/tasks/" + task.id().value());
                  exchange.json(ACCEPTED, WorkDocuments.task(task));
                }));
  }

  /// A body that its endpoint would refuse is refused here.
  private static WorkList.Ask ask(JsonNode body, Wishes headers) {
    JsonNode endpoint = body.path("endpoint");
    JsonNode request = body.path("body");
    if (!endpoint.isString() || WorkItems.codec(endpoint.stringValue()).isEmpty()) {
      throw Refusals.invalid(
          "endpoint: unknown (expected: an endpoint that carries work, such as"
              + " /v1/chat/completions or /api/chat)");
    }
    if (!request.isObject()) {
      throw Refusals.invalid("body: no object (expected: the body for that endpoint)");
    }
    byte[] bytes = Json.bytes(request);
    ClientRequest parsed = WorkItems.codec(endpoint.stringValue()).orElseThrow().apply(bytes);
    int priority = (int) whole(body, "priority", 0, 9, headers.priority());
    long ttl =
        whole(body, "ttl_ms", 1, WorkLimits.MAX_TTL.toMillis(), WorkLimits.DEFAULT_TTL.toMillis());
    return new WorkList.Ask(
        endpoint.stringValue(),
        parsed.work().model(),
        new Wishes(
            priority,
            headers.type(),
            headers.node(),
            headers.substitute(),
            headers.local(),
            headers.session()),
        Duration.ofMillis(ttl),
        bytes);
  }

  private static long whole(JsonNode body, String name, long least, long most, long usual) {
    JsonNode value = body.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return usual;
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < least
        || value.longValue() > most) {
      throw Refusals.invalid(
          name + ": not understood (expected: a whole number, " + least + " to " + most + ")");
    }
    return value.longValue();
  }

  // ---- lists

  private void list(Exchange exchange) {
    Optional<String> state = exchange.query("state");
    if (state.isEmpty()) {
      live(exchange);
      return;
    }
    var ask = WorkAnswers.page(exchange, USUAL_PAGE, LARGEST_PAGE);
    var _ =
        WorkAnswers.json(
            exchange,
            200,
            parts.worklist().items(WorkAnswers.viewer(exchange), state(state.get()), ask),
            page ->
                Map.of(
                    "tasks",
                    page.entries().stream().map(WorkDocuments::task).toList(),
                    "has_more",
                    page.more()));
  }

  private static Optional<ItemState> state(String name) {
    if (name.equals("all")) {
      return Optional.empty();
    }
    for (ItemState state : ItemState.values()) {
      if (state.wireName().equals(name.toLowerCase(Locale.ROOT))) {
        return Optional.of(state);
      }
    }
    throw Refusals.invalid(
        "state: unknown (expected: all, queued, running, done, failed, cancelled or expired)");
  }

  private void live(Exchange exchange) {
    var tasks = new ArrayList<Map<String, Object>>();
    parts.dispatcher().tasks().stream()
        .filter(task -> mayKnow(exchange, task.principal()))
        .map(TaskDocuments::task)
        .forEach(tasks::add);
    parts.dispatcher().finished().reversed().stream()
        .filter(task -> mayKnow(exchange, task.principal()))
        .map(TaskDocuments::finished)
        .forEach(tasks::add);
    exchange.json(200, Map.of("tasks", tasks));
  }

  /// A task is its asker's business, and an administrator's.
  private static boolean mayKnow(Exchange exchange, String principal) {
    return exchange.administrator() || exchange.principal().equals(principal);
  }

  // ---- one

  /// A task that was kept, else one that a client waits or waited for.
  private void task(Exchange exchange) {
    var id = new TaskId(exchange.parameter());
    long wait =
        exchange
            .query("wait_ms")
            .map(text -> WorkAnswers.number("wait_ms", text, 0, (int) MAX_WAIT.toMillis()))
            .orElse(0);
    look(
        exchange,
        id,
        item -> {
          if (wait > 0 && !item.state().isEnd()) {
            awaitEnd(exchange, id, Duration.ofMillis(wait), () -> show(exchange, id));
          } else {
            show(exchange, item);
          }
        },
        () -> exchange.json(200, live(exchange, id).orElseThrow(() -> Names.unknown("task"))));
  }

  private void look(Exchange exchange, TaskId id, Consumer<ItemView> kept, Runnable otherwise) {
    var _ =
        WorkAnswers.then(
            exchange,
            parts.worklist().item(id, WorkAnswers.viewer(exchange)),
            found -> found.ifPresentOrElse(kept, otherwise));
  }

  private void show(Exchange exchange, TaskId id) {
    look(
        exchange,
        id,
        item -> show(exchange, item),
        () -> exchange.fail(Names.unknown("task").failure()));
  }

  private void show(Exchange exchange, ItemView item) {
    if (!item.state().isEnd()) {
      Map<String, Object> map = WorkDocuments.task(item);
      live(exchange, item.id()).ifPresent(live -> map.put("live", live));
      exchange.json(200, map);
      return;
    }
    var _ =
        WorkAnswers.json(
            exchange,
            200,
            parts.worklist().result(item.id()),
            result ->
                result
                    .map(each -> WorkDocuments.task(item, each))
                    .orElseGet(() -> WorkDocuments.task(item)));
  }

  private Optional<Map<String, Object>> live(Exchange exchange, TaskId id) {
    Optional<TaskView> now =
        parts.dispatcher().tasks().stream()
            .filter(task -> task.id().equals(id) && mayKnow(exchange, task.principal()))
            .findFirst();
    Optional<TaskRecord> ended =
        parts.dispatcher().finished().stream()
            .filter(task -> task.id().equals(id) && mayKnow(exchange, task.principal()))
            .findFirst();
    return now.map(TaskDocuments::task).or(() -> ended.map(TaskDocuments::finished));
  }

  /// Goes on when the task has ended, or at the latest after `wait`.
  private void awaitEnd(Exchange exchange, TaskId id, Duration wait, Runnable then) {
    var waiting = new Waiting(exchange, then);
    waiting.stop =
        parts
            .worklist()
            .watch(id, () -> waiting.look(id, WorkAnswers.viewer(exchange)))
            .orElseThrow(TaskEndpoints::tooMany);
    waiting.timer = parts.time().after(wait, waiting::over);
    exchange.onGone(waiting::gone);
    // It may have ended before the watch began.
    waiting.look(id, WorkAnswers.viewer(exchange));
  }

  private static MeshException tooMany() {
    return new MeshException(
        Failure.of(FailureCode.BUSY, Retry.SAFE_NOT_STARTED, "too many watch tasks")
            .retryAfter(Duration.ofSeconds(5)));
  }

  /// A client that waits for a task.
  private final class Waiting {
    private final Exchange exchange;
    private final Runnable then;
    private Runnable stop = () -> {};
    private Time.@Nullable Timer timer;
    private boolean over;

    Waiting(Exchange exchange, Runnable then) {
      this.exchange = exchange;
      this.then = then;
    }

    void look(TaskId id, Viewer viewer) {
      if (!over) {
        var _ =
            WorkAnswers.then(
                exchange,
                parts.worklist().item(id, viewer),
                item -> {
                  if (item.isEmpty() || item.get().state().isEnd()) {
                    over();
                  }
                });
      }
    }

    void over() {
      if (!over) {
        gone();
        exchange.guarded(_ -> then.run());
      }
    }

    void gone() {
      over = true;
      stop.run();
      if (timer != null) {
        timer.cancel();
      }
    }
  }

  /// The very answer of the endpoint, or 202 while there is none.
  private void result(Exchange exchange) {
    var id = new TaskId(exchange.parameter());
    look(
        exchange,
        id,
        item -> {
          AnswerHeaders.task(exchange.response(), id);
          if (!item.state().isEnd()) {
            exchange.response().putHeader("retry-after", "1");
            exchange.json(ACCEPTED, WorkDocuments.task(item));
            return;
          }
          var _ =
              WorkAnswers.then(
                  exchange,
                  parts.worklist().result(id),
                  result -> answer(exchange, result.orElseThrow(() -> Names.unknown("result"))));
        },
        () -> exchange.fail(Names.unknown("task").failure()));
  }

  private static void answer(Exchange exchange, ItemResult result) {
    if (result.status().isPresent()) {
      exchange.send(result.status().getAsInt(), result.contentType(), result.body());
    } else {
      FailureCode code =
          switch (result.state()) {
            case CANCELLED -> FailureCode.CANCELLED;
            case EXPIRED -> FailureCode.BUSY;
            case QUEUED, RUNNING, DONE, FAILED -> FailureCode.INTERNAL;
          };
      exchange.fail(Refusals.pointless(code, WorkDocuments.why(result.state())));
    }
  }

  // ---- watching

  private void events(Exchange exchange) {
    var id = new TaskId(exchange.parameter());
    look(
        exchange,
        id,
        _ -> {
          if (exchange.request().method().equals(HttpMethod.HEAD)) {
            exchange.send(200, TaskStates.SSE, new byte[0]);
          } else {
            new TaskStates(exchange, id, parts, limits).begin();
          }
        },
        () -> exchange.fail(Names.unknown("task").failure()));
  }

  // ---- going

  private void cancel(Exchange exchange) {
    var id = new TaskId(exchange.parameter());
    look(
        exchange,
        id,
        item -> {
          CompletableFuture<ItemView> cancelled =
              parts.worklist().cancel(id, WorkAnswers.viewer(exchange));
          var _ =
              WorkAnswers.json(
                  exchange,
                  200,
                  cancelled,
                  after -> {
                    Map<String, Object> map = WorkDocuments.task(after);
                    map.put("cancelled", after.state() == ItemState.CANCELLED);
                    return map;
                  });
        },
        () -> abort(exchange, id));
  }

  /// A task that a client waits for: its asker may end it, and an administrator.
  private void abort(Exchange exchange, TaskId id) {
    boolean may =
        parts.dispatcher().tasks().stream()
            .anyMatch(task -> task.id().equals(id) && mayKnow(exchange, task.principal()));
    if (!may || !parts.dispatcher().abort(id, "cancelled on request")) {
      throw Names.unknown("task");
    }
    exchange.json(200, Map.of("task_id", id.value(), "cancelled", true));
  }
}
