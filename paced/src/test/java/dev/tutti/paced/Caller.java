package dev.tutti.paced;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A plain HTTP client of one engine.
record Caller(HttpClient http, PacedEngine engine) implements AutoCloseable {
  static final JsonMapper JSON = JsonMapper.shared();

  static Caller of(PacedEngine engine) {
    return new Caller(HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build(), engine);
  }

  HttpResponse<String> get(String path) {
    return send(request(path).GET().build());
  }

  /// Sends JSON written with single quotes.
  HttpResponse<String> post(String path, String json, String... headers) {
    var request = request(path).POST(HttpRequest.BodyPublishers.ofString(json.replace('\'', '"')));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build());
  }

  JsonNode json(HttpResponse<String> response) {
    return JSON.readTree(response.body());
  }

  /// The JSON of every `data:` line but `[DONE]`.
  static List<JsonNode> events(HttpResponse<String> response) {
    return response
        .body()
        .lines()
        .filter(line -> line.startsWith("data: ") && !line.equals("data: [DONE]"))
        .map(line -> JSON.readTree(line.substring(6)))
        .toList();
  }

  /// The JSON of every line.
  static List<JsonNode> lines(HttpResponse<String> response) {
    return response.body().lines().map(line -> JSON.readTree(line)).toList();
  }

  static Stream<String> texts(List<JsonNode> nodes, String pointer) {
    return nodes.stream().map(node -> node.at(pointer).asString(""));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(engine.url() + path))
        .header("content-type", "application/json")
        .timeout(Duration.ofSeconds(20));
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
