package dev.tutti.paced;

import dev.tutti.core.FailureCode;
import dev.tutti.core.ModelName;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// The paths by which a test or a demonstration steers the engine. They are never hurt by a fault.
///
/// `POST /_paced/fault {"fault":"cut-after=3","times":2,"on":"work"}` breaks the next requests;
/// `times` is 1 unless given, -1 means until the next order, and `on` is `work`, `probe` or `all`.
/// `POST /_paced/models` takes `{"load":NAME}`, `{"unload":NAME}`, `{"add":MODEL}`,
/// `{"remove":NAME}`. `GET /_paced/stats` is {@link PacedStats} as JSON; `GET /_paced/heard` is the
/// newest body of each path for work, `{PATH: TEXT}`.
record ControlApi(Machine machine, FaultPlan faults) implements Api {
  static final String PREFIX = "/_paced/";

  @Override
  public boolean handle(Exchange exchange) {
    if (exchange.reads("/_paced/stats")) {
      stats(exchange);
    } else if (exchange.reads("/_paced/heard")) {
      var answer = OllamaApi.marked();
      machine
          .heard()
          .forEach((path, body) -> answer.put(path, body.toString(StandardCharsets.UTF_8)));
      exchange.answer(200, answer);
    } else if (exchange.posts("/_paced/fault")) {
      fault(exchange.json());
      exchange.answer(200, OllamaApi.marked());
    } else if (exchange.posts("/_paced/models")) {
      models(exchange.json());
      exchange.answer(200, OllamaApi.marked());
    } else {
      return false;
    }
    return true;
  }

  private void stats(Exchange exchange) {
    PacedStats stats = machine.stats();
    exchange.answer(
        200,
        OllamaApi.marked()
            .put("active", stats.active())
            .put("queued", stats.queued())
            .put("completed", stats.completed())
            .put("aborted", stats.aborted())
            .put("failed", stats.failed())
            .put("requests", stats.requests())
            .put("tokens", stats.tokens())
            .put("loads", stats.loads()));
  }

  private void fault(JsonNode body) {
    Set<FaultPlan.Target> targets =
        switch (body.path("on").asString("work")) {
          case "work" -> EnumSet.of(FaultPlan.Target.WORK);
          case "probe" -> EnumSet.of(FaultPlan.Target.PROBE);
          case "all" -> EnumSet.allOf(FaultPlan.Target.class);
          default -> throw invalid("on: " + body.path("on") + " (expected: work, probe or all)");
        };
    faults.order(
        Fault.parse(body.path("fault").asString("none")), body.path("times").asInt(1), targets);
  }

  private void models(JsonNode body) {
    body.properties()
        .forEach(order -> {
          String name = order.getValue().asString("");
          switch (order.getKey()) {
            case "load" -> machine.load(known(name));
            case "unload" -> machine.residents().unload(known(name).name());
            case "add" -> machine.add(PacedModel.parse(name));
            case "remove" -> machine.remove(known(name).name());
            default -> throw invalid(order.getKey() + " (expected: load, unload, add or remove)");
          }
        });
  }

  private PacedModel known(String name) {
    return machine.models().stream()
        .filter(model -> !name.isEmpty() && model.name().equals(new ModelName(name)))
        .findFirst()
        .orElseThrow(
            () -> Machine.refusal(FailureCode.NOT_FOUND, "model '" + name + "' not found"));
  }

  private static RuntimeException invalid(String message) {
    return Machine.refusal(FailureCode.INVALID_REQUEST, message);
  }
}
