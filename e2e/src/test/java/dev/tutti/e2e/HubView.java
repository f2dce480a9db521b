package dev.tutti.e2e;

import java.util.Optional;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/// A hub as its mesh API shows it.
record HubView(String url) {
  JsonNode nodes() {
    return read("nodes").path("nodes");
  }

  JsonNode backends() {
    return read("backends").path("backends");
  }

  /// Tasks that wait.
  int waiting() {
    return read("queue").path("length").intValue();
  }

  /// The node of this name.
  Optional<JsonNode> node(String name) {
    return find(nodes(), "node_id", name);
  }

  /// The backend at this address.
  Optional<JsonNode> backendAt(String address) {
    return find(backends(), "url", address);
  }

  /// Whether the engine at this address is up and has the model.
  boolean offers(String address, String model) {
    return backendAt(address)
        .filter(backend -> backend.path("health").asString("").equals("up"))
        .flatMap(backend -> find(backend.path("models"), "name", model))
        .isPresent();
  }

  /// Attempts that run at this address; -1 when nothing is known there.
  int activeAt(String address) {
    return backendAt(address).map(each -> each.path("active_tasks").intValue()).orElse(-1);
  }

  /// A chat in OpenAI's dialect, waited for.
  Http.Answer chat(String model, int tokens) {
    return Http.post(url + "/v1/chat/completions", chatBody(model, tokens));
  }

  /// What asks for a chat of at most so many tokens.
  static String chatBody(String model, int tokens) {
    return "{\"model\":\""
        + model
        + "\",\"max_tokens\":"
        + tokens
        + ",\"messages\":[{\"role\":\"user\",\"content\":\"count\"}]}";
  }

  private JsonNode read(String what) {
    return Http.get(url + "/mesh/v1/" + what).json();
  }

  private static Optional<JsonNode> find(JsonNode list, String key, String value) {
    return StreamSupport.stream(list.spliterator(), false)
        .filter(each -> each.path(key).asString("").equals(value))
        .findFirst();
  }
}
