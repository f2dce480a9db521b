package dev.tutti.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The hub's own API as a test reads it.
final class HubApi implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final JsonMapper JSON = new JsonMapper();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String hub;

  HubApi(String hub) {
    this.hub = hub;
  }

  static JsonNode parse(String text) {
    return JSON.readTree(text);
  }

  /// The document under `/mesh/v1/`.
  JsonNode get(String path) {
    var request =
        HttpRequest.newBuilder(URI.create(hub + "/mesh/v1/" + path)).timeout(PATIENCE).build();
    try {
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new AssertionError(path + ": " + response.statusCode() + " " + response.body());
      }
      return parse(response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /// What a property of a list's entries is, such as the ids of all tasks.
  Set<String> all(String list, String property) {
    return each(list, entry -> entry.path(property).asString());
  }

  /// The models that are up, each as `VIA NAME`, such as `agent chain`.
  Set<String> modelsUp() {
    return get("backends")
        .path("backends")
        .valueStream()
        .filter(backend -> backend.path("health").asString().equals("up"))
        .flatMap(backend ->
            backend
                .path("models")
                .valueStream()
                .map(model -> backend.path("via").asString() + " " + model.path("name").asString()))
        .collect(Collectors.toSet());
  }

  /// The backend that listens at the address.
  Optional<JsonNode> backendAt(String url) {
    return get("backends")
        .path("backends")
        .valueStream()
        .filter(backend -> backend.path("url").asString().equals(url))
        .findFirst();
  }

  private Set<String> each(String list, Function<JsonNode, String> view) {
    return get(list).path(list).valueStream().map(view).collect(Collectors.toSet());
  }

  @Override
  public void close() {
    http.close();
  }
}
