package dev.tutti.dialects;

import dev.tutti.dialects.Message.Part;
import dev.tutti.dialects.Message.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Speaks to engines of the OpenAI dialect. They agree on the frame and differ in how sampling and
/// thinking are said, so each comes in a flavour.
///
/// Ollama's `keep_alive` and its options about memory and threads are wishes about how an engine
/// runs; there is nobody here to tell them to, and Ollama too ignores options it does not know.
public final class OpenAiEngine implements EngineDialect {
  private static final Set<String> LLAMA_OPTIONS =
      Set.of("typical_p", "repeat_last_n", "mirostat", "mirostat_tau", "mirostat_eta");
  private static final byte[] NO_BODY = {};

  private final Flavour flavour;

  /// Kinds of engines that speak this dialect.
  public enum Flavour {
    /// llama.cpp's server.
    LLAMA_SERVER("repeat_penalty"),
    /// vLLM.
    VLLM("repetition_penalty"),
    /// LM Studio.
    LM_STUDIO("repeat_penalty"),
    /// Any other; sampling beyond OpenAI's own is sent under the names most of them use.
    GENERIC("repetition_penalty");

    private final String repeatPenalty;

    Flavour(String repeatPenalty) {
      this.repeatPenalty = repeatPenalty;
    }
  }

  private OpenAiEngine(Flavour flavour) {
    this.flavour = flavour;
  }

  /// An engine of this flavour.
  public static OpenAiEngine of(Flavour flavour) {
    return new OpenAiEngine(flavour);
  }

  @Override
  public Dialect dialect() {
    return Dialect.OPENAI;
  }

  @Override
  public EngineCall call(Work work, String model) {
    return switch (work) {
      case Work.Chat chat -> post("/v1/chat/completions", chat(chat, model));
      case Work.Completion completion -> completion(completion, model);
      case Work.Continued rest -> rest(rest, model);
      case Work.Embedding embedding ->
          embedding.inputs().isEmpty()
              ? listModels()
              : post("/v1/embeddings", embeddings(embedding, model));
      case Work.Residency residency -> {
        if (residency.unload()) {
          throw EngineErrors.cannotSay("keep_alive: 0, this backend cannot unload a model");
        }
        yield listModels();
      }
      case Work.TokenCount(var chat) -> count(chat, model);
      case Work.Rerank rerank -> {
        if (flavour == Flavour.LM_STUDIO) {
          throw EngineErrors.cannotSay("LM Studio does not rerank");
        }
        yield post("/v1/rerank", rerank(rerank, model));
      }
      case Work.Transcription recording -> {
        if (flavour == Flavour.LM_STUDIO) {
          throw EngineErrors.cannotSay("LM Studio does not transcribe");
        }
        yield transcription(recording, model);
      }
    };
  }

  @Override
  public AnswerReader reader(Work work) {
    return switch (work) {
      case Work.Chat _, Work.Completion _, Work.Continued _ -> new OpenAiReader();
      case Work.Embedding embedding ->
          embedding.inputs().isEmpty()
              ? new ModelListReader(work.model(), new Delta.Vectors(List.of()))
              : new EmbeddingReader(embedding.inputs().size());
      case Work.Rerank rerank -> new RerankReader(rerank);
      case Work.Transcription recording -> new TranscriptReader(recording.format());
      case Work.TokenCount _ -> new CountReader();
      case Work.Residency _ -> new ModelListReader(work.model(), new Delta.Resident(true));
    };
  }

  /// The cheap question that stands for "load this": these engines hold what they list.
  private static EngineCall listModels() {
    return new EngineCall("GET", "/v1/models", NO_BODY);
  }

  /// llama-server counts in Anthropic's dialect, which it knows too; vLLM cuts a chat into tokens.
  private EngineCall count(Work.Chat chat, String model) {
    return switch (flavour) {
      case LLAMA_SERVER -> post(AnthropicEngine.COUNT, AnthropicEngine.counted(chat, model));
      case VLLM -> {
        ObjectNode body = Json.object().put("model", model);
        body.set("messages", OpenAiMessageBodies.of(chat.messages()));
        if (!chat.tools().isEmpty()) {
          body.putArray("tools").addAll(chat.tools());
        }
        chat.think().ifPresent(think -> think(body, think));
        body.remove("reasoning_effort"); // not a field of this question
        yield post("/tokenize", body);
      }
      case LM_STUDIO, GENERIC -> throw EngineErrors.cannotSay("this backend counts no tokens");
    };
  }

  /// llama-server goes on with the last message when it is told, and gives what comes behind it
  /// only; a prompt without a template simply gets longer.
  private EngineCall rest(Work.Continued rest, String model) {
    if (flavour != Flavour.LLAMA_SERVER) {
      throw EngineErrors.cannotSay("this backend cannot go on with an answer that was begun");
    }
    if (rest.whole() instanceof Work.Completion text && text.raw()) {
      return completion(text.with(text.prompt() + rest.begun()), model);
    }
    Work.Chat chat =
        switch (rest.whole()) {
          case Work.Chat asked -> asked;
          case Work.Completion text -> asChat(text);
          case Work.Continued _,
              Work.Embedding _,
              Work.TokenCount _,
              Work.Rerank _,
              Work.Transcription _,
              Work.Residency _ ->
              throw new IllegalArgumentException(
                  "work: " + rest.whole().getClass().getSimpleName() + " (expected: a text)");
        };
    var messages = new ArrayList<>(chat.messages());
    messages.add(said(Role.ASSISTANT, List.of(new Part.Text(rest.begun()))));
    ObjectNode body = chat(chat.with(messages), model);
    body.put("continue_final_message", true).put("add_generation_prompt", false);
    return post("/v1/chat/completions", body);
  }

  private static EngineCall post(String path, ObjectNode body) {
    return new EngineCall("POST", path, Json.bytes(body));
  }

  /// The fields only another engine of this dialect understands, the model, and that we stream.
  private static ObjectNode begin(Work work, String model) {
    ObjectNode body = Json.object();
    if (work.from() == Dialect.OPENAI) {
      new TreeMap<>(work.extra()).forEach(body::set);
    }
    return body.put("model", model);
  }

  private static void stream(ObjectNode body) {
    body.put("stream", true).putObject("stream_options").put("include_usage", true);
  }

  /// An answer that another engine may have to go on with is counted from its first token, so that
  /// it is known how many are out.
  private void countAsItGoes(ObjectNode body, Work work) {
    if (flavour == Flavour.LLAMA_SERVER && Seam.mayBeContinued(work)) {
      body.put("timings_per_token", true);
    }
  }

  private ObjectNode chat(Work.Chat chat, String model) {
    ObjectNode body = begin(chat, model);
    boolean llama = flavour == Flavour.LLAMA_SERVER;
    if (llama) {
      ToolArguments.check(chat.messages());
    }
    if (llama && !chat.tools().isEmpty() && chat.sampling().logprobs().isPresent()) {
      body.put("stream", false); // it streams tools or log probabilities, not both
    } else {
      stream(body);
      countAsItGoes(body, chat);
    }
    body.set("messages", OpenAiMessageBodies.of(chat.messages()));
    if (!chat.tools().isEmpty()) {
      tools(body, chat);
    }
    sampling(body, chat.sampling());
    chat.sampling()
        .logprobs()
        .ifPresent(top -> {
          body.put("logprobs", true);
          if (top > 0) {
            body.put("top_logprobs", top);
          }
        });
    chat.format().ifPresent(format -> responseFormat(body, format));
    chat.think().ifPresent(think -> think(body, think));
    if (flavour == Flavour.VLLM && chat.from() == Dialect.ANTHROPIC && isBegun(chat.messages())) {
      body.put("continue_final_message", true).put("add_generation_prompt", false);
    }
    return body;
  }

  /// Whether the last message is the beginning of the answer, which in Anthropic's dialect goes on
  /// from there. llama-server does that by itself, and vLLM when it is told.
  private static boolean isBegun(List<Message> messages) {
    return messages.getLast().role() == Role.ASSISTANT && messages.getLast().toolCalls().isEmpty();
  }

  /// llama-server takes only words for `tool_choice`; "this function" is "any" of this one alone.
  private void tools(ObjectNode body, Work.Chat chat) {
    Optional<JsonNode> choice = chat.toolChoice();
    if (flavour == Flavour.LLAMA_SERVER && choice.filter(JsonNode::isObject).isPresent()) {
      JsonNode name = choice.get().path("function").path("name");
      List<JsonNode> chosen =
          chat.tools().stream()
              .filter(tool -> tool.path("function").path("name").equals(name))
              .toList();
      if (chosen.isEmpty()) {
        throw EngineErrors.cannotSay("tool_choice: not one of the tools (expected: a tool's name)");
      }
      body.putArray("tools").addAll(chosen);
      body.put("tool_choice", "required");
      return;
    }
    body.putArray("tools").addAll(chat.tools());
    choice.ifPresent(found -> body.set("tool_choice", found));
    if (chat.oneCallAtATime()) {
      body.put("parallel_tool_calls", false);
    }
  }

  private void sampling(ObjectNode body, Sampling sampling) {
    sampling.maxTokens().ifPresent(value -> maxTokens(body, value));
    sampling.temperature().ifPresent(value -> body.put("temperature", value));
    sampling.topP().ifPresent(value -> body.put("top_p", value));
    sampling.topK().ifPresent(value -> body.put("top_k", value));
    sampling.minP().ifPresent(value -> body.put("min_p", value));
    sampling.seed().ifPresent(value -> body.put("seed", value));
    sampling.presencePenalty().ifPresent(value -> body.put("presence_penalty", value));
    sampling.frequencyPenalty().ifPresent(value -> body.put("frequency_penalty", value));
    sampling.repeatPenalty().ifPresent(value -> body.put(flavour.repeatPenalty, value));
    if (!sampling.stop().isEmpty()) {
      ArrayNode stop = body.putArray("stop");
      sampling.stop().forEach(stop::add);
    }
    if (flavour == Flavour.LLAMA_SERVER) {
      new TreeMap<>(sampling.options())
          .forEach((name, value) -> {
            if (LLAMA_OPTIONS.contains(name)) {
              body.set(name, value);
            }
          });
    }
  }

  /// Ollama's negative limits mean none, which these engines say by silence.
  private static void maxTokens(ObjectNode body, int maxTokens) {
    if (maxTokens >= 0) {
      body.put("max_tokens", maxTokens);
    }
  }

  private static void responseFormat(ObjectNode body, JsonNode format) {
    if (!format.isObject()) {
      body.putObject("response_format").put("type", "json_object");
    } else if (!body.has("response_format")) {
      ObjectNode named = body.putObject("response_format").put("type", "json_schema");
      named.putObject("json_schema").put("name", "answer").set("schema", format);
    }
  }

  /// A boolean goes to the model's template, a level is `reasoning_effort`. LM Studio and engines
  /// we do not know have no switch: their model's own way stays.
  private void think(ObjectNode body, JsonNode think) {
    boolean templated = flavour == Flavour.LLAMA_SERVER || flavour == Flavour.VLLM;
    boolean level = think.isString();
    String effort = level ? think.stringValue() : "";
    if (level && !flavour.equals(Flavour.LLAMA_SERVER)) {
      body.put("reasoning_effort", effort.equals("max") ? "high" : effort);
    }
    if (templated) {
      // A copy: what the client gave is not ours to change.
      ObjectNode arguments =
          body.get("chat_template_kwargs") instanceof ObjectNode given
              ? given.deepCopy()
              : Json.object();
      body.set("chat_template_kwargs", arguments);
      if (!arguments.has("enable_thinking")) {
        arguments.put("enable_thinking", level || think.booleanValue());
      }
      if (level && flavour == Flavour.LLAMA_SERVER) {
        arguments.put("reasoning_effort", effort.equals("max") ? "high" : effort);
      }
    }
  }

  private EngineCall completion(Work.Completion completion, String model) {
    if (completion.suffix().isPresent()) {
      return infill(completion, model);
    }
    if (!completion.raw()) {
      return post("/v1/chat/completions", chat(asChat(completion), model));
    }
    if (!completion.images().isEmpty()) {
      throw EngineErrors.cannotSay("images: this backend takes none without a template");
    }
    ObjectNode body = begin(completion, model);
    stream(body);
    countAsItGoes(body, completion);
    body.put("prompt", completion.prompt());
    sampling(body, completion.sampling());
    completion.sampling().logprobs().ifPresent(top -> body.put("logprobs", top));
    completion.format().ifPresent(format -> completionFormat(body, format));
    return post("/v1/completions", body);
  }

  private void completionFormat(ObjectNode body, JsonNode format) {
    if (flavour != Flavour.LLAMA_SERVER) {
      responseFormat(body, format);
    } else if (format.isObject()) {
      body.set("json_schema", format);
    } else {
      body.putObject("json_schema").put("type", "object");
    }
  }

  /// Ollama's generation with a template is a chat of one message.
  static Work.Chat asChat(Work.Completion completion) {
    if (completion.extra().containsKey("template") || completion.extra().containsKey("context")) {
      throw EngineErrors.cannotSay(
          "template, context: only an Ollama backend takes them (expected: neither)");
    }
    var messages = new ArrayList<Message>(2);
    completion
        .system()
        .ifPresent(system -> messages.add(said(Role.SYSTEM, List.of(new Part.Text(system)))));
    var parts = new ArrayList<Part>();
    parts.add(new Part.Text(completion.prompt()));
    completion.images().forEach(image -> parts.add(new Part.Image("", image)));
    messages.add(said(Role.USER, parts));
    return new Work.Chat(
        completion.model(),
        completion.from(),
        messages,
        List.of(),
        Optional.empty(),
        completion.sampling(),
        completion.format(),
        completion.think(),
        completion.keepAlive(),
        completion.extra(),
        completion.needs());
  }

  private static Message said(Role role, List<Part> parts) {
    return new Message(
        role, parts, Optional.empty(), List.of(), Optional.empty(), Optional.empty());
  }

  /// Fill-in-the-middle, which only llama-server offers; in its own words.
  private EngineCall infill(Work.Completion completion, String model) {
    if (flavour != Flavour.LLAMA_SERVER) {
      throw EngineErrors.cannotSay("suffix: this backend cannot fill a gap");
    }
    if (completion.system().isPresent() || !completion.images().isEmpty()) {
      throw EngineErrors.cannotSay("suffix: this backend takes neither system nor images with it");
    }
    if (completion.sampling().logprobs().isPresent()) {
      throw EngineErrors.cannotSay("suffix: this backend takes no logprobs with it");
    }
    ObjectNode body = begin(completion, model).put("stream", true);
    body.put("input_prefix", completion.prompt());
    body.put("input_suffix", completion.suffix().orElse(""));
    body.put("prompt", "");
    sampling(body, completion.sampling());
    completion.format().ifPresent(format -> completionFormat(body, format));
    JsonNode limit = body.remove("max_tokens");
    if (limit != null) {
      body.set("n_predict", limit);
    }
    return post("/infill", body);
  }

  private static ObjectNode rerank(Work.Rerank rerank, String model) {
    ObjectNode body = begin(rerank, model).put("query", rerank.query());
    ArrayNode documents = body.putArray("documents");
    rerank.documents().forEach(documents::add);
    rerank.best().ifPresent(best -> body.put("top_n", best));
    return body;
  }

  /// The client's form, but for the model's name.
  static EngineCall transcription(Work.Transcription recording, String model) {
    var form = new Utf8Buffer();
    String boundary = recording.boundary();
    MultipartForm.field(form, boundary, "model", model);
    for (Work.Transcription.Field field : recording.fields()) {
      MultipartForm.field(form, boundary, field.name(), field.value());
    }
    MultipartForm.file(
        form, boundary, "file", recording.fileName(), recording.mediaType(), recording.audio());
    return new EngineCall(
        "POST",
        "/v1/audio/transcriptions",
        Map.of("content-type", "multipart/form-data; boundary=\"" + boundary + "\""),
        MultipartForm.end(form, boundary));
  }

  private static ObjectNode embeddings(Work.Embedding embedding, String model) {
    ObjectNode body = begin(embedding, model);
    ArrayNode input = body.putArray("input");
    embedding.inputs().forEach(input::add);
    body.put("encoding_format", "float");
    embedding.dimensions().ifPresent(dimensions -> body.put("dimensions", dimensions));
    return body;
  }
}
