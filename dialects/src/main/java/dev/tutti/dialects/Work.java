package dev.tutti.dialects;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.BooleanNode;

/// What an engine is asked to do, free of any dialect. Immutable; JSON slices inside are never
/// changed once they are here.
public sealed interface Work {
  /// The model as the client wrote it.
  String model();

  /// The dialect it came in.
  Dialect from();

  /// Request fields we do not know, by name: passed on to a backend of the same dialect only.
  Map<String, JsonNode> extra();

  /// Capabilities a model needs for this, in Ollama's words: `tools`, `vision`, `thinking`,
  /// `embedding`, `audio`; and `rerank`, of which no engine tells.
  Set<String> needs();

  /// A conversation to continue.
  ///
  /// @param tools function tools in OpenAI's shape (`{type, function{name, description,
  ///   parameters}}`), which is Ollama's too
  /// @param toolChoice OpenAI's `tool_choice`, when given
  /// @param format structured output: a JSON schema, or the text `json`
  /// @param think whether and how hard to reason: a boolean or a level, when given
  /// @param keepAlive Ollama's `keep_alive`, when given
  record Chat(
      String model,
      Dialect from,
      List<Message> messages,
      List<JsonNode> tools,
      Optional<JsonNode> toolChoice,
      Sampling sampling,
      Optional<JsonNode> format,
      Optional<JsonNode> think,
      Optional<JsonNode> keepAlive,
      Map<String, JsonNode> extra,
      Set<String> needs)
      implements Work {
    /// Copies the collections.
    public Chat {
      messages = List.copyOf(messages);
      tools = List.copyOf(tools);
      extra = Map.copyOf(extra);
      needs = Set.copyOf(needs);
    }

    /// The same with other messages.
    Chat with(List<Message> others) {
      return new Chat(
          model, from, others, tools, toolChoice, sampling, format, think, keepAlive, extra, needs);
    }

    /// The same with another choice of tokens.
    Chat with(Sampling other) {
      return new Chat(
          model, from, messages, tools, toolChoice, other, format, think, keepAlive, extra, needs);
    }

    /// Whether the client wants no more than one tool called at a time. The dialects say it in
    /// different places, and none says it unless asked.
    public boolean oneCallAtATime() {
      return switch (from) {
        case OPENAI -> BooleanNode.FALSE.equals(extra.get("parallel_tool_calls"));
        case ANTHROPIC -> {
          JsonNode choice = extra.get("tool_choice");
          yield choice != null && BooleanNode.TRUE.equals(choice.path("disable_parallel_tool_use"));
        }
        case OLLAMA -> false;
      };
    }
  }

  /// A text to continue.
  ///
  /// @param suffix what comes after the gap, for fill-in-the-middle
  /// @param system a system message that replaces the model's own (Ollama)
  /// @param images base64 pictures (Ollama)
  /// @param raw whether the engine is to apply no template
  record Completion(
      String model,
      Dialect from,
      String prompt,
      Optional<String> suffix,
      Optional<String> system,
      List<String> images,
      boolean raw,
      Sampling sampling,
      Optional<JsonNode> format,
      Optional<JsonNode> think,
      Optional<JsonNode> keepAlive,
      Map<String, JsonNode> extra,
      Set<String> needs)
      implements Work {
    /// Copies the collections.
    public Completion {
      images = List.copyOf(images);
      extra = Map.copyOf(extra);
      needs = Set.copyOf(needs);
    }

    /// The same with another choice of tokens.
    Completion with(Sampling other) {
      return with(prompt, other);
    }

    /// The same with another prompt.
    Completion with(String other) {
      return with(other, sampling);
    }

    private Completion with(String otherPrompt, Sampling otherSampling) {
      return new Completion(
          model,
          from,
          otherPrompt,
          suffix,
          system,
          images,
          raw,
          otherSampling,
          format,
          think,
          keepAlive,
          extra,
          needs);
    }
  }

  /// The rest of an answer whose beginning is out already.
  ///
  /// @param whole the work as it was asked, a chat or a completion, but for a limit of tokens that
  ///   is smaller by those that are out
  /// @param begun the text that is out: the answer goes on right behind it
  record Continued(Work whole, String begun) implements Work {
    @Override
    public String model() {
      return whole.model();
    }

    @Override
    public Dialect from() {
      return whole.from();
    }

    @Override
    public Map<String, JsonNode> extra() {
      return whole.extra();
    }

    @Override
    public Set<String> needs() {
      return whole.needs();
    }
  }

  /// Texts to turn into vectors.
  ///
  /// @param dimensions the wished length of the vectors
  /// @param truncate whether an input that is too long may be cut (Ollama; true unless given)
  record Embedding(
      String model,
      Dialect from,
      List<String> inputs,
      OptionalInt dimensions,
      Optional<Boolean> truncate,
      Optional<JsonNode> keepAlive,
      Map<String, JsonNode> extra,
      Set<String> needs)
      implements Work {
    /// Copies the collections.
    public Embedding {
      inputs = List.copyOf(inputs);
      extra = Map.copyOf(extra);
      needs = Set.copyOf(needs);
    }
  }

  /// A prompt whose tokens are to be counted; nothing is written.
  record TokenCount(Chat chat) implements Work {
    @Override
    public String model() {
      return chat.model();
    }

    @Override
    public Dialect from() {
      return chat.from();
    }

    @Override
    public Map<String, JsonNode> extra() {
      return chat.extra();
    }

    @Override
    public Set<String> needs() {
      return Set.of();
    }
  }

  /// Documents to be put in order of how well they answer a question.
  ///
  /// @param best how many are wanted, all when empty
  record Rerank(
      String model,
      Dialect from,
      String query,
      List<String> documents,
      OptionalInt best,
      Map<String, JsonNode> extra)
      implements Work {
    /// Copies the collections.
    public Rerank {
      documents = List.copyOf(documents);
      extra = Map.copyOf(extra);
    }

    @Override
    public Set<String> needs() {
      return Set.of("rerank");
    }
  }

  /// A recording to be written down.
  ///
  /// @param audio the recording: not a copy, not to be changed
  /// @param fileName as the client calls it; engines tell the format by it
  /// @param mediaType of the recording, empty when nobody said
  /// @param boundary what the client put between the parts of its form: it occurs in none of them
  /// @param fields the form's other fields but the model, in their order; a name may come twice
  @SuppressWarnings("ArrayRecordComponent") // bytes on their way to a socket, never compared
  record Transcription(
      String model,
      Dialect from,
      byte[] audio,
      String fileName,
      String mediaType,
      String boundary,
      List<Field> fields)
      implements Work {
    /// Copies the list.
    public Transcription {
      fields = List.copyOf(fields);
    }

    /// A field of the form.
    public record Field(String name, String value) {}

    /// The first value of a field.
    Optional<String> field(String name) {
      return fields.stream()
          .filter(field -> field.name().equals(name))
          .map(Field::value)
          .findFirst();
    }

    /// How the transcript is to look, in OpenAI's words.
    String format() {
      return field(TranscriptionRequests.FORMAT).orElse("json");
    }

    @Override
    public Map<String, JsonNode> extra() {
      return Map.of();
    }

    @Override
    public Set<String> needs() {
      return Set.of("audio");
    }
  }

  /// A model to bring into memory or to take out of it: Ollama's request without a prompt.
  ///
  /// @param unload whether `keep_alive` is zero
  /// @param chat whether it came as a chat and not as a generation
  /// @param options Ollama's `options`: with which context the model is to be loaded, for one
  record Residency(
      String model,
      Dialect from,
      boolean unload,
      boolean chat,
      Optional<JsonNode> keepAlive,
      Map<String, JsonNode> options)
      implements Work {
    /// Copies the map.
    public Residency {
      options = Map.copyOf(options);
    }

    /// With the engine's own options.
    public Residency(
        String model, Dialect from, boolean unload, boolean chat, Optional<JsonNode> keepAlive) {
      this(model, from, unload, chat, keepAlive, Map.of());
    }

    @Override
    public Map<String, JsonNode> extra() {
      return Map.of();
    }

    @Override
    public Set<String> needs() {
      return Set.of();
    }
  }
}
