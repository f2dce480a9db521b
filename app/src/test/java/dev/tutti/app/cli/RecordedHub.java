package dev.tutti.app.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A real HTTP server that answers with recorded documents and remembers what it was asked.
final class RecordedHub implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();

  RecordedHub() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /// Writes one answer.
  @FunctionalInterface
  interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  /// One request: `GET /path?query`, its body and the headers that matter.
  record Asked(String what, String body, String key, Map<String, List<String>> headers) {}

  /// A hub that knows all documents of the mesh API.
  static RecordedHub complete() throws IOException {
    var hub = new RecordedHub();
    for (var name : List.of("status", "nodes", "backends", "models", "queue", "tasks")) {
      hub.document("GET /mesh/v1/" + name, name);
    }
    hub.document("GET /mesh/v1/nodes/maestro", "node");
    hub.document("GET /mesh/v1/tasks/t-5ndmvrgq6hs0a9w2x4zc", "task");
    hub.document("POST /mesh/v1/nodes/maestro/drain", "node");
    hub.document("POST /mesh/v1/nodes/maestro/resume", "node");
    hub.document("POST /mesh/v1/nodes/maestro/approve", "node");
    hub.document("DELETE /mesh/v1/nodes/maestro", "removed");
    hub.document("POST /mesh/v1/invites", "invite");
    hub.document("GET /mesh/v1/pending", "pending");
    hub.document("GET /mesh/v1/authority", "authority");
    hub.document("POST /mesh/v1/authority/rotate", "authority");
    hub.document("POST /mesh/v1/authority/rollback", "authority");
    hub.document("POST /mesh/v1/backends", "backend");
    hub.document("DELETE /mesh/v1/backends/maestro%2Follama", "removed");
    hub.document("POST /mesh/v1/backends/maestro%2Follama/probe", "backend");
    hub.document("GET /mesh/v1/models/placement", "placement");
    hub.document("POST /mesh/v1/models/placement", "placed");
    hub.document("POST /mesh/v1/discover", "discover");
    hub.document("DELETE /mesh/v1/tasks/t-5ndmvrgq6hs0a9w2x4zc", "cancelled");
    hub.document("GET /mesh/v1/routes/explain?model=llama3.2%3A3b", "explain");
    hub.document("POST /v1/embeddings", "embeddings");
    hub.stream("POST /v1/chat/completions", "chat.sse");
    hub.json("GET /health", 200, "{\"status\":\"ok\"}");
    return hub;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  List<Asked> asked() {
    return List.copyOf(asked);
  }

  /// Answers a request with a recorded document.
  void document(String what, String name) {
    json(what, 200, Golden.resource("recorded/" + name + ".json"));
  }

  /// Answers a request with this body.
  void json(String what, int status, String body) {
    answers.put(what, exchange -> send(exchange, status, "application/json", body));
  }

  /// Answers a request with a recorded stream and the headers of an assignment.
  void stream(String what, String name) {
    answers.put(
        what,
        exchange -> {
          assigned(exchange);
          send(exchange, 200, "text/event-stream", Golden.resource("recorded/" + name));
        });
  }

  /// Answers a request in any way.
  void answer(String what, Answer answer) {
    answers.put(what, answer);
  }

  static void assigned(HttpExchange exchange) {
    var headers = exchange.getResponseHeaders();
    headers.set("x-tutti-task", "t-5ndmvrgq6hs0a9w2x4zc");
    headers.set("x-tutti-node", "maestro");
    headers.set("x-tutti-backend", "maestro/ollama");
    headers.set("x-tutti-model", "llama3.2:3b");
    headers.set("x-tutti-attempts", "1");
    headers.set("x-tutti-queue-ms", "12");
    headers.set("x-tutti-why", "echo: exact model, 0 active");
  }

  static void send(HttpExchange exchange, int status, String type, String body) throws IOException {
    var bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", type);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private void handle(HttpExchange exchange) throws IOException {
    var what = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    var headers = exchange.getRequestHeaders();
    var key = Objects.requireNonNullElse(headers.getFirst("authorization"), "");
    asked.add(new Asked(what, body, key, Map.copyOf(headers)));
    var answer = answers.get(what);
    if (answer == null) {
      send(
          exchange,
          404,
          "application/json",
          "{\"error\":{\"code\":\"not_found\",\"message\":\"no such thing\"}}");
      return;
    }
    try {
      answer.to(exchange);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
