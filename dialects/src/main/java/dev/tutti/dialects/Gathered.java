package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The deltas of one answer put together. Bounded: an engine that never ends must not fill the
/// memory of a client's hub.
final class Gathered {
  /// How much text one answer may hold, in characters.
  static final int MAX_CHARS = 32 * 1024 * 1024;

  /// How many log probabilities one answer may hold.
  static final int MAX_LOGPROBS = 200_000;

  private static final Delta.Usage UNKNOWN = new Delta.Usage(0, 0, 0, 0, 0, 0);

  private final StringBuilder content = new StringBuilder();
  private final StringBuilder reasoning = new StringBuilder();
  private final TreeMap<Integer, Call> calls = new TreeMap<>();
  private final List<JsonNode> logprobs = new ArrayList<>();
  private long chars;
  private Delta.@Nullable Finish finish;
  private String seal = "";
  private @Nullable Delta whole;
  private Delta.@Nullable Usage usage;
  private @Nullable Boolean loaded;
  private @Nullable List<float[]> vectors;

  private static final class Call {
    String id = "";
    String name = "";
    final StringBuilder arguments = new StringBuilder();
  }

  void add(Delta delta) {
    switch (delta) {
      case Delta.Content(var text) -> content.append(counted(text));
      case Delta.Reasoning(var text) -> reasoning.append(counted(text));
      case Delta.ToolCall call -> add(call);
      case Delta.Logprobs(var entries) -> {
        if (logprobs.size() + entries.size() > MAX_LOGPROBS) {
          throw tooLong();
        }
        logprobs.addAll(entries);
      }
      case Delta.Finish said -> finish = said;
      case Delta.Seal(var signature) -> seal = signature;
      case Delta.Counted counted -> whole = counted;
      case Delta.Ranking ranking -> whole = ranking;
      case Delta.Transcript transcript -> whole = transcript;
      case Delta.Usage said -> usage = said;
      case Delta.Vectors(var all) -> vectors = all;
      case Delta.Resident(var now) -> loaded = now;
    }
  }

  private void add(Delta.ToolCall part) {
    Call call = calls.computeIfAbsent(part.index(), _ -> new Call());
    call.id = part.id().isEmpty() ? call.id : part.id();
    call.name = part.name().isEmpty() ? call.name : part.name();
    call.arguments.append(counted(part.arguments()));
  }

  private String counted(String text) {
    chars += text.length();
    if (chars > MAX_CHARS) {
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
                + MAX_CHARS
                + " characters and "
                + MAX_LOGPROBS
                + " log probabilities)"));
  }

  void clear() {
    content.setLength(0);
    reasoning.setLength(0);
    calls.clear();
    logprobs.clear();
    chars = 0;
    finish = null;
    seal = "";
    whole = null;
    usage = null;
    loaded = null;
    vectors = null;
  }

  String content() {
    return content.toString();
  }

  String reasoning() {
    return reasoning.toString();
  }

  List<JsonNode> logprobs() {
    return logprobs;
  }

  boolean hasToolCalls() {
    return !calls.isEmpty();
  }

  /// The tool calls in order.
  ///
  /// @param idStem what a call without an id of the engine's is called, its index is added
  List<Message.ToolCall> toolCalls(String idStem) {
    var all = new ArrayList<Message.ToolCall>(calls.size());
    for (Call call : calls.values()) {
      String id = call.id.isEmpty() ? idStem + all.size() : call.id;
      all.add(new Message.ToolCall(id, call.name, call.arguments.toString()));
    }
    return all;
  }

  /// Why the answer is complete.
  ///
  /// @throws MeshException `BROKEN_STREAM`, when nobody said that it is: an end is never made up
  Delta.Reason finish() {
    if (finish == null) {
      throw new MeshException(EngineErrors.brokenStream());
    }
    return finish.reason();
  }

  /// The stop text the model ran into, empty where nobody said.
  String stopText() {
    return finish == null ? "" : finish.stopText();
  }

  /// The seal on the reasoning, empty where there is none.
  String seal() {
    return seal;
  }

  /// The one piece of an answer that comes in one piece.
  ///
  /// @throws MeshException `BROKEN_STREAM`, when there was none
  <D extends Delta> D whole(Class<D> kind) {
    if (!kind.isInstance(whole)) {
      throw new MeshException(EngineErrors.brokenStream());
    }
    return kind.cast(whole);
  }

  Optional<Delta.Usage> usageIfAny() {
    return Optional.ofNullable(usage);
  }

  Delta.Usage usage() {
    return usage == null ? UNKNOWN : usage;
  }

  Optional<Boolean> loaded() {
    return Optional.ofNullable(loaded);
  }

  List<float[]> vectors() {
    if (vectors == null) {
      throw new MeshException(EngineErrors.brokenStream());
    }
    return vectors;
  }
}
