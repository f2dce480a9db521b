package dev.tutti.paced;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Ollama's lines of JSON, for `/api/chat` and `/api/generate`.
final class OllamaAnswer implements AnswerFormat {
  /// Which of the two paths is answered.
  enum Shape {
    CHAT,
    GENERATE
  }

  private final Machine machine;
  private final String model;
  private final Shape shape;

  OllamaAnswer(Machine machine, String model, Shape shape) {
    this.machine = machine;
    this.model = model;
    this.shape = shape;
  }

  @Override
  public String streamType() {
    return "application/x-ndjson";
  }

  @Override
  public String open() {
    return "";
  }

  @Override
  public String piece(Piece piece) {
    return switch (piece) {
      case Piece.Text _, Piece.Thought _, Piece.CallClosed _ ->
          record(List.of(piece)).put("done", false) + "\n";
      case Piece.CallOpened _, Piece.CallArguments _ -> "";
    };
  }

  @Override
  public String close(Spent spent) {
    return finished(record(List.of()), spent) + "\n";
  }

  @Override
  public JsonNode whole(List<Piece> pieces, Spent spent) {
    return finished(record(pieces), spent);
  }

  /// The one object that answers a request to load or unload.
  ObjectNode withoutWork(String reason) {
    return record(List.of()).put("done", true).put("done_reason", reason);
  }

  private ObjectNode record(List<Piece> pieces) {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    record.put("model", model).put("created_at", machine.time().now().toString());
    ObjectNode holder = record;
    String text = AnswerFormat.text(pieces);
    switch (shape) {
      case CHAT -> {
        holder = record.putObject("message");
        holder.put("role", "assistant").put("content", text);
      }
      case GENERATE -> record.put("response", text);
    }
    String thinking = AnswerFormat.thinking(pieces);
    if (!thinking.isEmpty()) {
      holder.put("thinking", thinking);
    }
    var calls = AnswerFormat.calls(pieces);
    if (!calls.isEmpty()) {
      var list = holder.putArray("tool_calls");
      for (int i = 0; i < calls.size(); i++) {
        var call = calls.get(i);
        ObjectNode function = list.addObject().put("id", call.id()).putObject("function");
        function.put("index", i).put("name", call.tool()).set("arguments", call.arguments());
      }
    }
    return record;
  }

  private static ObjectNode finished(ObjectNode record, Spent spent) {
    return record
        .put("done", true)
        .put("done_reason", spent.finish() == Script.Finish.LENGTH ? "length" : "stop")
        .put("total_duration", spent.totalNanos())
        .put("load_duration", spent.loadNanos())
        .put("prompt_eval_count", spent.promptTokens())
        .put("prompt_eval_duration", spent.prefillNanos())
        .put("eval_count", spent.answerTokens())
        .put("eval_duration", spent.decodeNanos());
  }
}
