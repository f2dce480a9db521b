package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import dev.tutti.dialects.Message.Part;
import dev.tutti.dialects.Message.Role;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Knows what of one answer is out, so that another engine can go on with it where it broke off.
/// All deltas of the answer pass through here on their way to the writer. Stateful, one per answer,
/// used by one thread at a time.
///
/// Only plain text can be continued exactly: the model has nothing before it but a text, and the
/// engine is given that text to the last letter. Whatever else has a state that cannot be handed
/// over: a tool call, thoughts, a grammar, several choices, log probabilities.
public final class Seam {
  /// The longest beginning that is kept, in characters. A longer answer cannot be continued.
  public static final int MAX_CHARS = 256 * 1024;

  /// Fields of OpenAI's dialect that change nothing about how an answer goes on. A field that we do
  /// not know might.
  private static final Set<String> HARMLESS =
      Set.of(
          "user",
          "metadata",
          "store",
          "service_tier",
          "safety_identifier",
          "prompt_cache_key",
          "parallel_tool_calls",
          "verbosity",
          "logit_bias",
          "cache_prompt",
          "chat_template_kwargs",
          "typical_p",
          "mirostat",
          "mirostat_tau",
          "mirostat_eta");

  private static final Delta.Usage NONE = new Delta.Usage(0, 0, 0, 0, 0, 0);

  private final Work work;
  private final boolean plain;
  private final StringBuilder out = new StringBuilder();

  /// What the parts before the present one cost.
  private Delta.Usage before = NONE;

  /// What the present part cost so far, as the engine says.
  private Delta.Usage soFar = NONE;

  private int pieces;
  private boolean later;
  private boolean otherThanText;
  private boolean tooLong;

  private Seam(Work work, boolean plain) {
    this.work = work;
    this.plain = plain;
  }

  /// For the answer to that work.
  ///
  /// @param written whether the answer is written to the client as it comes; otherwise it can begin
  ///   anew and need not be continued
  public static Seam of(Work work, boolean written) {
    return new Seam(work, written && mayBeContinued(work));
  }

  /// Whether the answer to that work is plain text, if the model does nothing unasked.
  static boolean mayBeContinued(Work work) {
    return switch (work) {
      case Work.Chat chat ->
          chat.tools().isEmpty()
              && chat.format().isEmpty()
              && chat.sampling().logprobs().isEmpty()
              && chat.think().filter(Seam::thinks).isEmpty()
              && !chat.messages().isEmpty()
              && chat.messages().getLast().role() != Role.ASSISTANT
              && chat.messages().stream()
                  .flatMap(said -> said.parts().stream())
                  .allMatch(Seam::isText)
              && isHarmless(chat.from(), chat.extra());
      case Work.Completion text ->
          text.format().isEmpty()
              && text.sampling().logprobs().isEmpty()
              && text.think().filter(Seam::thinks).isEmpty()
              && text.suffix().isEmpty()
              && text.images().isEmpty()
              && !text.extra().containsKey("context")
              && !text.extra().containsKey("template")
              && isHarmless(text.from(), text.extra());
      case Work.Continued(var whole, _) -> mayBeContinued(whole);
      case Work.Embedding _,
          Work.TokenCount _,
          Work.Rerank _,
          Work.Transcription _,
          Work.Residency _ ->
          false;
    };
  }

  private static boolean thinks(JsonNode think) {
    return !think.isBoolean() || think.booleanValue();
  }

  private static boolean isText(Part part) {
    return part instanceof Part.Text;
  }

  /// Fields of other dialects are not passed on to an engine that continues.
  private static boolean isHarmless(Dialect from, Map<String, JsonNode> extra) {
    return from != Dialect.OPENAI || HARMLESS.containsAll(extra.keySet());
  }

  /// Everything is forgotten: the answer begins anew, and nothing of it is out.
  public void restart() {
    out.setLength(0);
    before = NONE;
    soFar = NONE;
    pieces = 0;
    later = false;
    otherThanText = false;
    tooLong = false;
  }

  /// Takes what an engine said and gives what the writer is to be told of it: what the answer cost
  /// is the sum of its parts.
  ///
  /// @throws MeshException `BROKEN_STREAM`, when an engine that was to go on with a text does
  ///   something else
  public Delta take(Delta delta) {
    if (!plain) {
      return delta;
    }
    return switch (delta) {
      case Delta.Content(var text) -> {
        pieces++;
        keep(text);
        yield delta;
      }
      case Delta.Usage usage -> {
        soFar = usage;
        yield later ? sum(usage) : usage;
      }
      case Delta.Finish finish -> {
        otherThanText = true;
        yield finish;
      }
      case Delta.Reasoning _,
          Delta.ToolCall _,
          Delta.Logprobs _,
          Delta.Seal _,
          Delta.Vectors _,
          Delta.Resident _,
          Delta.Counted _,
          Delta.Ranking _,
          Delta.Transcript _ -> {
        if (later) {
          throw new MeshException(
              Failure.of(
                  FailureCode.BROKEN_STREAM,
                  Retry.UNSAFE_MAY_HAVE_ACTED,
                  "the answer broke off, and the engine that was to go on with it did not"));
        }
        otherThanText = true;
        yield delta;
      }
    };
  }

  private void keep(String text) {
    tooLong |= out.length() + text.length() > MAX_CHARS;
    if (tooLong || otherThanText) {
      out.setLength(0);
      out.trimToSize();
    } else {
      out.append(text);
    }
  }

  /// The work that asks for the rest, when the answer breaks off now; empty where it could not be
  /// exact.
  public Optional<Work> rest() {
    boolean whole = !out.isEmpty() && !Character.isHighSurrogate(out.charAt(out.length() - 1));
    if (!plain || otherThanText || tooLong || !whole || mayBeStopping()) {
      return Optional.empty();
    }
    Sampling asked = sampling();
    OptionalInt limit = asked.maxTokens();
    if (limit.isEmpty() || limit.getAsInt() < 0) {
      return Optional.of(new Work.Continued(work, out.toString()));
    }
    int left = limit.getAsInt() - cost().outputTokens();
    return left <= 0
        ? Optional.empty()
        : Optional.of(new Work.Continued(with(asked.withMaxTokens(left)), out.toString()));
  }

  /// What is out of the answer cost so much: counted by the engines where they count as they go,
  /// else one token for each piece.
  public Delta.Usage cost() {
    int output = soFar.outputTokens() > 0 ? soFar.outputTokens() : pieces;
    return sum(
        new Delta.Usage(
            soFar.promptTokens(),
            soFar.cachedTokens(),
            output,
            soFar.loadNanos(),
            soFar.promptNanos(),
            soFar.outputNanos()));
  }

  /// Another engine goes on from here.
  public void continued() {
    before = cost();
    soFar = NONE;
    pieces = 0;
    later = true;
  }

  /// The prompt of a later part is the first one's with the text behind it, which must not be
  /// counted twice.
  private Delta.Usage sum(Delta.Usage part) {
    if (!later) {
      return part;
    }
    boolean known = before.promptTokens() > 0;
    return new Delta.Usage(
        known ? before.promptTokens() : Math.max(0, part.promptTokens() - before.outputTokens()),
        known ? before.cachedTokens() : part.cachedTokens(),
        before.outputTokens() + part.outputTokens(),
        before.loadNanos() + part.loadNanos(),
        before.promptNanos() + part.promptNanos(),
        before.outputNanos() + part.outputNanos());
  }

  /// Whether the text ends with the beginning of a stop text. Engines keep such an end back until
  /// they know how it goes on, so this should not be; but an engine that is given the beginning as
  /// a prompt would not see that the text ends there.
  private boolean mayBeStopping() {
    List<String> stops = sampling().stop();
    return stops.stream()
        .anyMatch(stop -> {
          for (int length = Math.min(stop.length(), out.length()); length > 0; length--) {
            int from = out.length() - length;
            if (out.indexOf(stop.substring(0, length), from) == from) {
              return true;
            }
          }
          return false;
        });
  }

  private Sampling sampling() {
    return switch (work) {
      case Work.Chat chat -> chat.sampling();
      case Work.Completion text -> text.sampling();
      case Work.Continued _,
          Work.Embedding _,
          Work.TokenCount _,
          Work.Rerank _,
          Work.Transcription _,
          Work.Residency _ ->
          throw noText();
    };
  }

  private Work with(Sampling sampling) {
    return switch (work) {
      case Work.Chat chat -> chat.with(sampling);
      case Work.Completion text -> text.with(sampling);
      case Work.Continued _,
          Work.Embedding _,
          Work.TokenCount _,
          Work.Rerank _,
          Work.Transcription _,
          Work.Residency _ ->
          throw noText();
    };
  }

  private IllegalStateException noText() {
    return new IllegalStateException(
        "work: " + work.getClass().getSimpleName() + " (expected: one whose answer is a text)");
  }
}
