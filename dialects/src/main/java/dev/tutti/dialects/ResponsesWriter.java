package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import dev.tutti.dialects.ClientRequest.AnswerSketch;
import dev.tutti.dialects.ResponsesBodies.Status;
import dev.tutti.dialects.ResponsesItem.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes an answer of `/v1/responses`: as a stream of numbered events, or as the object the stream
/// would end with.
///
/// Words and thoughts become an item each time they take turns; calls stay open until the end,
/// since an engine may go on with any of them. A broken stream says so twice, as `response.failed`
/// and as `error`: some clients know only the one, some only the other.
final class ResponsesWriter implements AnswerWriter {
  /// How many items one answer may have.
  static final int MAX_ITEMS = 4096;

  private static final String DELTA = "delta";

  private final AnswerContext context;
  private final ResponsesBodies bodies;
  private final boolean streams;
  private final Map<String, ResponsesTools.Called> tools;
  private final List<ResponsesItem> items = new ArrayList<>();
  private final Map<Integer, ResponsesItem> calls = new HashMap<>();
  private final ResponsesEvents events;
  private @Nullable ResponsesItem current;
  private Delta.@Nullable Reason finish;
  private Delta.@Nullable Usage usage;
  private boolean begun;
  private long chars;
  private int logprobs;

  ResponsesWriter(AnswerSketch sketch, AnswerContext context, boolean streams) {
    this.context = context;
    this.streams = streams;
    bodies = new ResponsesBodies(sketch, context);
    events = new ResponsesEvents(streams);
    tools = bodies.tools();
  }

  @Override
  public String contentType() {
    return streams ? OpenAiFrames.CONTENT_TYPE : ErrorBodies.JSON;
  }

  @Override
  public boolean streams() {
    return streams;
  }

  @Override
  public byte[] delta(Delta delta) {
    if (finish == null || delta instanceof Delta.Usage) {
      take(delta);
    }
    return events.take();
  }

  private void take(Delta delta) {
    switch (delta) {
      case Delta.Content(var text) -> words(Kind.MESSAGE, text);
      case Delta.Reasoning(var text) ->
          words(bodies.wantsSummary() ? Kind.SUMMARY : Kind.REASONING, text);
      case Delta.ToolCall call -> call(call);
      case Delta.Logprobs(var entries) -> logprobs(entries);
      case Delta.Finish(var reason, _) -> finish(reason);
      case Delta.Usage said -> usage = said;
      case Delta.Seal _ -> {
        // Anthropic's; nothing of this dialect has a place for it.
      }
      case Delta.Vectors _,
          Delta.Resident _,
          Delta.Counted _,
          Delta.Ranking _,
          Delta.Transcript _ ->
          throw new IllegalStateException("delta: " + delta + " (expected: one of a chat)");
    }
  }

  private void begin() {
    if (!begun) {
      begun = true;
      events.event("response.created", event -> response(event, Status.IN_PROGRESS, ""));
      events.event("response.in_progress", event -> response(event, Status.IN_PROGRESS, ""));
    }
  }

  private void response(ObjectNode event, Status status, String error) {
    event.set("response", response(status, error));
  }

  private ObjectNode response(Status status, String error) {
    return bodies.response(status, items, finish, Optional.ofNullable(usage), error);
  }

  private void words(Kind kind, String text) {
    begin();
    if (text.isEmpty()) {
      return;
    }
    ResponsesItem item = current;
    if (item == null || item.kind != kind) {
      closeCurrent(true);
      item = ResponsesItem.words(kind, context.id(), items.size());
      open(item);
      current = item;
    }
    item.text.append(counted(text));
    piece(item, text, List.of());
  }

  private void logprobs(List<JsonNode> entries) {
    ResponsesItem item = current;
    if (item == null || item.kind != Kind.MESSAGE) {
      return; // of thoughts or of a call, which have no place for them
    }
    logprobs += entries.size();
    if (logprobs > Gathered.MAX_LOGPROBS) {
      throw tooLong();
    }
    List<JsonNode> whole = OpenAiLogprobs.complete(entries);
    item.logprobs.addAll(whole);
    piece(item, "", whole);
  }

  private void call(Delta.ToolCall part) {
    begin();
    ResponsesItem item = calls.get(part.index());
    if (item == null) {
      closeCurrent(true);
      String id = part.id().isEmpty() ? OpenAiBodies.callIdStem(context) + part.index() : part.id();
      var called =
          Optional.ofNullable(tools.get(part.name()))
              .orElseGet(() -> new ResponsesTools.Called("", part.name(), false));
      item = ResponsesItem.call(context.id(), items.size(), id, called);
      calls.put(part.index(), item);
      open(item);
    }
    if (!part.arguments().isEmpty()) {
      item.text.append(counted(part.arguments()));
      piece(item, part.arguments(), List.of());
    }
  }

  private String counted(String text) {
    chars += text.length();
    if (chars > Gathered.MAX_CHARS) {
      throw tooLong();
    }
    return text;
  }

  private static MeshException tooLong() {
    return new MeshException(
        Failure.of(
            FailureCode.ENGINE_ERROR,
            Retry.UNSAFE_MAY_HAVE_ACTED,
            "the answer is too long (expected: at most "
                + Gathered.MAX_CHARS
                + " characters, "
                + Gathered.MAX_LOGPROBS
                + " log probabilities and "
                + MAX_ITEMS
                + " items)"));
  }

  private void open(ResponsesItem item) {
    if (items.size() == MAX_ITEMS) {
      throw tooLong();
    }
    items.add(item);
    events.item("response.output_item.added", item);
    switch (item.kind) {
      case REASONING, MESSAGE -> events.part("response.content_part.added", item);
      case SUMMARY -> events.part("response.reasoning_summary_part.added", item);
      case CALL, CUSTOM_CALL -> {
        // no parts
      }
    }
  }

  private void piece(ResponsesItem item, String text, List<JsonNode> logprobs) {
    switch (item.kind) {
      case MESSAGE -> events.text("response.output_text.delta", item, DELTA, text, logprobs);
      case REASONING -> events.text("response.reasoning_text.delta", item, DELTA, text);
      case SUMMARY -> events.text("response.reasoning_summary_text.delta", item, DELTA, text);
      case CALL -> events.text("response.function_call_arguments.delta", item, DELTA, text);
      case CUSTOM_CALL -> {
        // Its text is inside an argument: it can only be told once that is whole.
      }
    }
  }

  private void closeCurrent(boolean whole) {
    if (current != null) {
      close(current, whole);
      current = null;
    }
  }

  private void close(ResponsesItem item, boolean whole) {
    if (item.kind == Kind.CALL && item.text.toString().isBlank()) {
      item.text.append("{}");
      piece(item, "{}", List.of());
    }
    String text = item.text.toString();
    switch (item.kind) {
      case MESSAGE -> {
        events.text("response.output_text.done", item, "text", text, item.logprobs);
        events.part("response.content_part.done", item);
      }
      case REASONING -> {
        events.text("response.reasoning_text.done", item, "text", text);
        events.part("response.content_part.done", item);
      }
      case SUMMARY -> {
        events.text("response.reasoning_summary_text.done", item, "text", text);
        events.part("response.reasoning_summary_part.done", item);
      }
      case CALL -> events.argumentsDone(item);
      case CUSTOM_CALL -> {
        String input = item.input();
        events.text("response.custom_tool_call_input.delta", item, DELTA, input);
        events.text("response.custom_tool_call_input.done", item, "input", input);
      }
    }
    item.close(whole);
    events.item("response.output_item.done", item);
  }

  private void finish(Delta.Reason reason) {
    begin();
    boolean whole = Status.of(reason) == Status.COMPLETED;
    if (items.isEmpty() && whole) {
      current = ResponsesItem.words(Kind.MESSAGE, context.id(), 0);
      open(current);
    }
    closeCurrent(whole);
    for (ResponsesItem item : items) {
      if (item.isOpen()) {
        close(item, whole);
      }
    }
    finish = reason;
  }

  @Override
  public byte[] end() {
    if (finish == null) {
      throw new MeshException(EngineErrors.brokenStream());
    }
    Status status = Status.of(finish);
    if (!streams) {
      return Json.bytes(response(status, ""));
    }
    events.event("response." + status.word, event -> response(event, status, ""));
    return events.take();
  }

  @Override
  public byte[] error(Failure failure) {
    if (!streams) {
      return ErrorBodies.of(Dialect.OPENAI, failure).body();
    }
    items.stream().filter(ResponsesItem::isOpen).forEach(item -> item.close(false));
    events.event("response.failed", event -> response(event, Status.FAILED, failure.message()));
    events.event("error", event -> error(event, failure));
    return events.take();
  }

  private static void error(ObjectNode event, Failure failure) {
    JsonNode error = ErrorBodies.openAiInStream(failure).get("error");
    event.set("code", error.get("code"));
    event.put("message", failure.message()).putNull("param");
    // Where the clients of the other endpoints look for it.
    event.set("error", error);
  }

  @Override
  public byte[] keepAlive() {
    return streams ? OpenAiFrames.keepAlive() : new byte[] {' '};
  }

  @Override
  public void restart() {
    items.clear();
    calls.clear();
    events.restart();
    current = null;
    finish = null;
    usage = null;
    begun = false;
    chars = 0;
    logprobs = 0;
  }
}
