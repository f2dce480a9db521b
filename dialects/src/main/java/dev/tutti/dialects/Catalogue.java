package dev.tutti.dialects;

import dev.tutti.core.MeshException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The lists of models, as each dialect has them. A simulated model says so in each.
public final class Catalogue {
  private static final String OWNER = "tutti";
  private static final String SIMULATED_OWNER = "tutti-simulated";

  /// The fields of Ollama's `ShowResponse`, in its order. Source: Ollama's `api/types.go`.
  private static final List<String> SHOWN =
      List.of(
          "license",
          "modelfile",
          "parameters",
          "template",
          "system",
          "renderer",
          "parser",
          "details",
          "messages",
          "remote_model",
          "remote_host",
          "model_info",
          "projector_info",
          "tensors",
          "capabilities",
          "modified_at",
          "requires");

  private Catalogue() {}

  /// `GET /v1/models`.
  public static byte[] openAiModels(List<ModelEntry> models) {
    ObjectNode body = Json.object().put("object", "list");
    ArrayNode data = body.putArray("data");
    models.forEach(model -> openAi(data.addObject(), model));
    return Json.bytes(body);
  }

  /// `GET /v1/models/ID`.
  public static byte[] openAiModel(ModelEntry model) {
    ObjectNode body = Json.object();
    openAi(body, model);
    return Json.bytes(body);
  }

  private static void openAi(ObjectNode to, ModelEntry model) {
    to.put("id", model.name()).put("object", "model").put("created", model.createdSeconds());
    to.put("owned_by", model.simulated() ? SIMULATED_OWNER : OWNER);
    simulated(to, model);
  }

  /// `GET /v1/models` as Anthropic has it. All at once: there is never a second page.
  public static byte[] anthropicModels(List<ModelEntry> models) {
    ObjectNode body = Json.object();
    ArrayNode data = body.putArray("data");
    models.forEach(model -> anthropic(data.addObject(), model));
    body.put("has_more", false);
    if (models.isEmpty()) {
      body.putNull("first_id").putNull("last_id");
    } else {
      body.put("first_id", models.getFirst().name()).put("last_id", models.getLast().name());
    }
    return Json.bytes(body);
  }

  /// `GET /v1/models/ID` as Anthropic has it.
  public static byte[] anthropicModel(ModelEntry model) {
    ObjectNode body = Json.object();
    anthropic(body, model);
    return Json.bytes(body);
  }

  private static void anthropic(ObjectNode to, ModelEntry model) {
    to.put("type", "model").put("id", model.name());
    to.put("display_name", model.simulated() ? model.name() + " (simulated)" : model.name());
    to.put("created_at", Instant.ofEpochSecond(model.createdSeconds()).toString());
    to.put("lifecycle", "active");
    model.contextTokens().ifPresent(tokens -> to.put("max_input_tokens", tokens));
    simulated(to, model);
  }

  private static void simulated(ObjectNode to, ModelEntry model) {
    if (model.simulated()) {
      to.put("simulated", true);
    }
  }

  /// `GET /api/tags`.
  public static byte[] ollamaTags(List<ModelEntry> models) {
    ObjectNode body = Json.object();
    ArrayNode array = body.putArray("models");
    for (ModelEntry model : models) {
      ObjectNode node = array.addObject().put("name", model.name()).put("model", model.name());
      node.put("modified_at", model.modifiedAt());
      node.put("size", model.sizeBytes()).put("digest", model.digest());
      ObjectNode details = details(node, model);
      model.contextTokens().ifPresent(tokens -> details.put("context_length", tokens));
      capabilities(node, model);
      simulated(node, model);
    }
    return Json.bytes(body);
  }

  /// `GET /api/ps`: those of the models that are in memory, in the order given; `nodes` is ours.
  public static byte[] ollamaPs(List<ModelEntry> models) {
    ObjectNode body = Json.object();
    ArrayNode array = body.putArray("models");
    for (ModelEntry model : models) {
      if (model.loaded().isEmpty()) {
        continue;
      }
      ModelEntry.Loaded loaded = model.loaded().get();
      ObjectNode node = array.addObject().put("name", model.name()).put("model", model.name());
      node.put("size", loaded.sizeBytes()).put("digest", model.digest());
      details(node, model);
      node.put("expires_at", loaded.expiresAt()).put("size_vram", loaded.vramBytes());
      node.put("context_length", loaded.contextTokens());
      ArrayNode nodes = node.putArray("nodes");
      loaded.nodes().forEach(nodes::add);
      simulated(node, model);
    }
    return Json.bytes(body);
  }

  /// `POST /api/show`.
  public static byte[] ollamaShow(ModelEntry model) {
    ObjectNode body = Json.object().put("license", "").put("modelfile", "");
    body.put("parameters", "").put("template", "");
    details(body, model);
    String family = model.details().family();
    ObjectNode info = body.putObject("model_info");
    if (!family.isEmpty()) {
      info.put("general.architecture", family);
      model.contextTokens().ifPresent(tokens -> info.put(family + ".context_length", tokens));
    }
    for (Map.Entry<String, Object> fact : new TreeMap<>(model.extra()).entrySet()) {
      if (fact.getValue() instanceof Number number) {
        info.put(fact.getKey(), number.longValue());
      } else {
        info.put(fact.getKey(), fact.getValue().toString());
      }
    }
    capabilities(body, model);
    body.put("modified_at", model.modifiedAt());
    simulated(body, model);
    return Json.bytes(body);
  }

  /// `POST /api/show` as an Ollama answers it, the fields that we know of it.
  ///
  /// @return empty when it is no such answer
  public static Optional<byte[]> ollamaShow(byte[] answer, ModelEntry model) {
    JsonNode told;
    try {
      told = Json.read(answer);
    } catch (MeshException _) {
      return Optional.empty();
    }
    if (!told.isObject() || !told.path("details").isObject()) {
      return Optional.empty();
    }
    ObjectNode body = Json.object();
    for (String field : SHOWN) {
      JsonNode value = told.get(field);
      if (value != null && !value.isNull()) {
        body.set(field, value);
      }
    }
    simulated(body, model);
    return Optional.of(Json.bytes(body));
  }

  /// `GET /api/status`: no model of this mesh runs in somebody's cloud through Ollama's account.
  public static byte[] ollamaStatus() {
    ObjectNode body = Json.object();
    body.putObject("cloud").put("disabled", true).put("source", "config");
    return Json.bytes(body);
  }

  /// `GET /api/version`.
  public static byte[] ollamaVersion(String version) {
    return Json.bytes(Json.object().put("version", version));
  }

  private static ObjectNode details(ObjectNode to, ModelEntry model) {
    ModelEntry.Details known = model.details();
    ObjectNode details = to.putObject("details").put("parent_model", known.parentModel());
    details.put("format", known.format()).put("family", known.family());
    ArrayNode families = details.putArray("families");
    if (!known.family().isEmpty()) {
      families.add(known.family());
    }
    details.put("parameter_size", known.parameterSize());
    details.put("quantization_level", known.quantization());
    return details;
  }

  private static void capabilities(ObjectNode to, ModelEntry model) {
    ArrayNode capabilities = to.putArray("capabilities");
    model.capabilities().stream().sorted().forEach(capabilities::add);
  }
}
