package dev.tutti.paced;

import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.ModelName;
import io.vertx.core.http.HttpServerResponse;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Ollama's paths that change what it has, played: nothing comes from anywhere, a "pulled" model is
/// one more simulated model. Source: Ollama's `docs/api.md`.
///
/// A name with `missing` in it cannot be pulled.
record OllamaStock(Machine machine) implements Api {
  /// Between two lines of progress.
  static final Duration STEP = Duration.ofMillis(20);

  private static final String BLOBS = "/api/blobs/";
  private static final long PARTS = 4;

  @Override
  public boolean handle(Exchange exchange) {
    if (exchange.path().startsWith(BLOBS)) {
      blob(exchange, exchange.path().substring(BLOBS.length()));
    } else if (exchange.posts("/api/pull")) {
      pull(exchange, exchange.json());
    } else if (exchange.posts("/api/push")) {
      push(exchange, exchange.json());
    } else if (exchange.posts("/api/create")) {
      create(exchange, exchange.json());
    } else if (exchange.posts("/api/copy")) {
      copy(exchange, exchange.json());
    } else if (exchange.deletes("/api/delete")) {
      delete(exchange, exchange.json());
    } else {
      return false;
    }
    return true;
  }

  private void pull(Exchange exchange, JsonNode body) {
    String name = name(body, "model");
    var steps = new ArrayList<ObjectNode>();
    steps.add(status("pulling manifest"));
    if (name.contains("missing")) {
      steps.add(OllamaApi.marked().put("error", "pull model manifest: file does not exist"));
      progress(exchange, body, steps, () -> {});
      return;
    }
    long total = PacedModel.chat(name).size().value();
    for (long part = 0; part <= PARTS; part++) {
      steps.add(
          status("pulling " + sha256(new byte[0]).substring(0, 12))
              .put("digest", "sha256:" + sha256(new byte[0]))
              .put("total", total)
              .put("completed", total / PARTS * part));
    }
    steps.add(status("verifying sha256 digest"));
    steps.add(status("success"));
    progress(exchange, body, steps, () -> machine.add(PacedModel.parse(name)));
  }

  private void push(Exchange exchange, JsonNode body) {
    known(name(body, "model"));
    progress(
        exchange,
        body,
        List.of(status("retrieving manifest"), status("pushing manifest"), status("success")),
        () -> {});
  }

  private void create(Exchange exchange, JsonNode body) {
    String name = name(body, "model");
    String from = body.path("from").asString("");
    for (var file : body.path("files").properties()) {
      if (!machine.blobs().contains(file.getValue().asString(""))) {
        throw Machine.refusal(FailureCode.INVALID_REQUEST, "blob does not exist");
      }
    }
    if (from.isEmpty() && body.path("files").isEmpty()) {
      throw Machine.refusal(FailureCode.INVALID_REQUEST, "neither 'from' or 'files' was specified");
    }
    PacedModel made =
        from.isEmpty() ? PacedModel.chat(name) : renamed(known(from), new ModelName(name));
    progress(
        exchange,
        body,
        List.of(status("parsing GGUF"), status("writing manifest"), status("success")),
        () -> machine.add(made));
  }

  private void copy(Exchange exchange, JsonNode body) {
    PacedModel source = known(name(body, "source"));
    machine.add(renamed(source, new ModelName(name(body, "destination"))));
    exchange.answer(200, "text/plain", "");
  }

  private void delete(Exchange exchange, JsonNode body) {
    machine.remove(known(name(body, "model")).name());
    exchange.answer(200, "text/plain", "");
  }

  private void blob(Exchange exchange, String digest) {
    boolean here = machine.blobs().contains(digest);
    if (exchange.isHead()) {
      exchange.answer(here ? 200 : 404, "text/plain", "");
      return;
    }
    if (!exchange.isPost()) {
      throw Machine.refusal(FailureCode.METHOD_NOT_ALLOWED, "HEAD or POST is expected here");
    }
    if (here) {
      exchange.answer(200, "text/plain", "");
    } else if (digest.equals("sha256:" + sha256(exchange.bytes()))) {
      machine.blobs().add(digest);
      exchange.answer(201, "text/plain", "");
    } else {
      throw Machine.refusal(
          FailureCode.INVALID_REQUEST, "digest mismatch, file must be downloaded again");
    }
  }

  private static ObjectNode status(String text) {
    return OllamaApi.marked().put("status", text);
  }

  private static PacedModel renamed(PacedModel model, ModelName name) {
    return new PacedModel(name, model.roles(), model.size(), model.contextTokens());
  }

  private static String name(JsonNode body, String field) {
    String name = body.path(field).asString(body.path("name").asString(""));
    if (name.isEmpty()) {
      throw Machine.refusal(FailureCode.INVALID_REQUEST, field + " is required");
    }
    return name;
  }

  private PacedModel known(String name) {
    Optional<PacedModel> found =
        machine.models().stream()
            .filter(model -> model.name().equals(new ModelName(name)))
            .findFirst();
    return found.orElseThrow(
        () -> Machine.refusal(FailureCode.NOT_FOUND, "model '" + name + "' not found"));
  }

  /// Tells the steps one after the other, or the last one alone, and then does the work; a client
  /// that leaves before ends it.
  private void progress(Exchange exchange, JsonNode body, List<ObjectNode> steps, Runnable work) {
    boolean stream = body.path("stream").asBoolean(true);
    if (stream) {
      exchange.response().setChunked(true).putHeader("content-type", "application/x-ndjson");
    }
    step(exchange, stream, steps, 0, work);
  }

  private void step(
      Exchange exchange, boolean stream, List<ObjectNode> steps, int at, Runnable work) {
    HttpServerResponse response = exchange.response();
    if (response.closed()) {
      return;
    }
    ObjectNode step = steps.get(at);
    boolean last = at == steps.size() - 1;
    if (last && !step.has("error")) {
      try {
        work.run();
      } catch (MeshException | IllegalArgumentException refused) {
        step = OllamaApi.marked().put("error", String.valueOf(refused.getMessage()));
      }
    }
    if (!stream) {
      if (last) {
        exchange.answer(step.has("error") ? 500 : 200, step);
        return;
      }
    } else if (last) {
      response.end(step + "\n");
      return;
    } else {
      response.write(step + "\n");
    }
    var _ = machine.time().after(STEP, () -> step(exchange, stream, steps, at + 1, work));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
