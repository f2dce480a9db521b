package dev.tutti.paced;

import dev.tutti.core.FailureCode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What single engines have beside the common paths: health, slots, versions, metrics, and LM
/// Studio's model lists. Sources: llama.cpp's server README, vLLM's and LM Studio's documentation.
record ServerApi(Machine machine) implements Api {
  private static final String VERSION = "0.0.0-simulated";

  @Override
  public boolean handle(Exchange exchange) {
    return switch (machine.profile().kind()) {
      case LLAMA_SERVER -> llamaServer(exchange);
      case VLLM -> vllm(exchange);
      case LM_STUDIO -> lmStudio(exchange);
      case OLLAMA, OPENAI, ANTHROPIC -> false;
    };
  }

  private boolean llamaServer(Exchange exchange) {
    if (exchange.reads("/health")) {
      requireLoaded();
      exchange.answer(200, OllamaApi.marked().put("status", "ok"));
    } else if (exchange.reads("/props")) {
      requireLoaded();
      exchange.answer(200, props());
    } else if (exchange.reads("/slots")) {
      requireLoaded();
      if (exchange.hasQuery("fail_on_no_slot", "1") && idleSlots() == 0) {
        throw Machine.refusal(FailureCode.ENGINE_BUSY, "no slot available");
      }
      exchange.answer(200, slots());
    } else if (exchange.reads("/metrics")) {
      exchange.answer(200, "text/plain; version=0.0.4", llamaMetrics());
    } else {
      return false;
    }
    return true;
  }

  private boolean vllm(Exchange exchange) {
    if (exchange.reads("/health")) {
      exchange.answer(200, "text/plain", "");
    } else if (exchange.reads("/version")) {
      exchange.answer(200, OllamaApi.marked().put("version", VERSION));
    } else if (exchange.reads("/metrics")) {
      exchange.answer(200, "text/plain; version=0.0.4", vllmMetrics());
    } else {
      return false;
    }
    return true;
  }

  private boolean lmStudio(Exchange exchange) {
    if (exchange.reads("/api/v0/models")) {
      ObjectNode body = OllamaApi.marked().put("object", "list");
      var data = body.putArray("data");
      machine.models().forEach(model -> data.add(lmStudioV0(model)));
      exchange.answer(200, body);
    } else if (exchange.reads("/api/v1/models")) {
      ObjectNode body = OllamaApi.marked();
      var models = body.putArray("models");
      machine.models().forEach(model -> models.add(lmStudioV1(model)));
      exchange.answer(200, body);
    } else {
      return false;
    }
    return true;
  }

  private void requireLoaded() {
    for (PacedModel model : machine.models()) {
      if (!machine.residents().isReady(model.name())) {
        throw Machine.refusal(FailureCode.ENGINE_BUSY, "Loading model");
      }
    }
  }

  private int idleSlots() {
    return machine.profile().pace().slots() - machine.stats().active();
  }

  private int contextTokens() {
    return machine.models().stream().mapToInt(PacedModel::contextTokens).min().orElse(0);
  }

  private ObjectNode props() {
    ObjectNode body = OllamaApi.marked();
    body.putObject("default_generation_settings").put("id", 0).put("n_ctx", contextTokens());
    body.put("total_slots", machine.profile().pace().slots());
    machine.models().stream()
        .findFirst()
        .ifPresent(model -> body.put("model_alias", model.name().value()));
    body.put("model_path", "simulated").put("chat_template", "").put("is_sleeping", false);
    boolean sees = machine.models().stream().anyMatch(model -> model.can(PacedModel.Role.VISION));
    body.putObject("modalities").put("vision", sees).put("audio", false);
    return body.put("build_info", "b0-simulated");
  }

  private JsonNode slots() {
    var list = JsonNodeFactory.instance.arrayNode();
    int active = machine.stats().active();
    for (int id = 0; id < machine.profile().pace().slots(); id++) {
      list.addObject()
          .put("id", id)
          .put("n_ctx", contextTokens())
          .put("is_processing", id < active)
          .put("simulated", true);
    }
    return list;
  }

  private String llamaMetrics() {
    PacedStats stats = machine.stats();
    return "# HELP llamacpp:simulated The engine is simulated.\n"
        + "llamacpp:simulated 1\n"
        + gauge("llamacpp:requests_processing", stats.active())
        + gauge("llamacpp:requests_deferred", stats.queued())
        + "# TYPE llamacpp:tokens_predicted_total counter\nllamacpp:tokens_predicted_total "
        + stats.tokens()
        + "\n";
  }

  private String vllmMetrics() {
    PacedStats stats = machine.stats();
    return gauge("vllm:simulated", 1)
        + gauge("vllm:num_requests_running", stats.active())
        + gauge("vllm:num_requests_waiting", stats.queued());
  }

  private static String gauge(String name, long value) {
    return "# TYPE " + name + " gauge\n" + name + " " + value + "\n";
  }

  private ObjectNode lmStudioV0(PacedModel model) {
    boolean loaded = machine.residents().isReady(model.name());
    return OllamaApi.marked()
        .put("id", model.name().value())
        .put("object", "model")
        .put("type", model.can(PacedModel.Role.CHAT) ? "llm" : "embeddings")
        .put("publisher", "simulated")
        .put("arch", "simulated")
        .put("compatibility_type", "gguf")
        .put("quantization", "simulated")
        .put("state", loaded ? "loaded" : "not-loaded")
        .put("max_context_length", model.contextTokens());
  }

  private ObjectNode lmStudioV1(PacedModel model) {
    ObjectNode entry = OllamaApi.marked();
    entry
        .put("type", model.can(PacedModel.Role.CHAT) ? "llm" : "embedding")
        .put("publisher", "simulated")
        .put("key", model.name().value())
        .put("display_name", model.name().value() + " (simulated)")
        .put("architecture", "simulated")
        .put("size_bytes", model.size().value())
        .put("max_context_length", model.contextTokens())
        .put("format", "gguf");
    var loaded = entry.putArray("loaded_instances");
    machine.residents().list().stream()
        .filter(resident -> resident.model().equals(model.name()))
        .forEach(resident ->
            loaded
                .addObject()
                .put("id", model.name().value())
                .putObject("config")
                .put("context_length", resident.contextTokens()));
    entry
        .putObject("capabilities")
        .put("vision", model.can(PacedModel.Role.VISION))
        .put("trained_for_tool_use", model.can(PacedModel.Role.CHAT));
    return entry;
  }
}
