package dev.tutti.e2e;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a client of each dialect sends for each feature, and where it finds the answer. Written
/// down from the dialects' own documentation, not from our codecs.
enum MatrixClient {
  OLLAMA("Ollama chat", "/api/chat") {
    @Override
    Optional<String> body(MatrixFeature feature, String model) {
      return Optional.of(
          switch (feature) {
            case TEXT -> chat(model, "");
            case TOOLS -> chat(model, ",\"tools\":[" + NESTED_TOOL + "]");
            case IMAGES ->
                """
                {"model":"%s","stream":false,"messages":[{"role":"user","content":"what?","images":["%s"]}]}\
                """
                    .formatted(model, PIXEL);
            case THINKING -> chat(model, ",\"think\":true");
            case STRUCTURED -> chat(model, ",\"format\":" + SCHEMA);
            case EMBEDDINGS -> "{\"model\":\"%s\",\"input\":[\"a\",\"b\"]}".formatted(model);
          });
    }

    private static String chat(String model, String more) {
      return "{\"model\":\"%s\",\"stream\":false,\"messages\":[%s]%s}".formatted(model, USER, more);
    }

    @Override
    String path(MatrixFeature feature) {
      return feature == MatrixFeature.EMBEDDINGS ? "/api/embed" : super.path(feature);
    }

    @Override
    String found(MatrixFeature feature, JsonNode answer) {
      JsonNode message = answer.path("message");
      return switch (feature) {
        case TEXT, IMAGES, STRUCTURED -> message.path("content").asString("");
        case TOOLS -> call(message.path("tool_calls").path(0).path("function"));
        case THINKING -> message.path("thinking").asString("");
        case EMBEDDINGS -> size(answer.path("embeddings"));
      };
    }

    private static String call(JsonNode function) {
      return function.path("name").asString("") + " " + function.path("arguments");
    }
  },
  OPENAI("OpenAI chat", "/v1/chat/completions") {
    @Override
    Optional<String> body(MatrixFeature feature, String model) {
      return Optional.of(
          switch (feature) {
            case TEXT -> chat(model, "");
            case TOOLS -> chat(model, ",\"tools\":[" + NESTED_TOOL + "]");
            case IMAGES ->
                """
                {"model":"%s","messages":[{"role":"user","content":[{"type":"text","text":"what?"},
                {"type":"image_url","image_url":{"url":"data:image/png;base64,%s"}}]}]}\
                """
                    .formatted(model, PIXEL);
            case THINKING -> chat(model, ",\"reasoning_effort\":\"low\"");
            case STRUCTURED ->
                chat(
                    model,
                    ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"place\",\"schema\":"
                        + SCHEMA
                        + "}}");
            case EMBEDDINGS -> "{\"model\":\"%s\",\"input\":[\"a\",\"b\"]}".formatted(model);
          });
    }

    private static String chat(String model, String more) {
      return "{\"model\":\"%s\",\"messages\":[%s]%s}".formatted(model, USER, more);
    }

    @Override
    String path(MatrixFeature feature) {
      return feature == MatrixFeature.EMBEDDINGS ? "/v1/embeddings" : super.path(feature);
    }

    @Override
    String found(MatrixFeature feature, JsonNode answer) {
      JsonNode message = answer.path("choices").path(0).path("message");
      return switch (feature) {
        case TEXT, IMAGES, STRUCTURED -> message.path("content").asString("");
        case TOOLS -> call(message.path("tool_calls").path(0).path("function"));
        case THINKING -> message.path("reasoning_content").asString("");
        case EMBEDDINGS -> size(answer.path("data"));
      };
    }

    private static String call(JsonNode function) {
      return function.path("name").asString("") + " " + function.path("arguments").asString("");
    }
  },
  RESPONSES("OpenAI responses", "/v1/responses") {
    @Override
    Optional<String> body(MatrixFeature feature, String model) {
      return switch (feature) {
        case TEXT -> Optional.of(ask(model, ""));
        case TOOLS ->
            Optional.of(
                ask(
                    model,
                    ",\"tools\":[{\"type\":\"function\",\"name\":\"get_weather\",\"parameters\":"
                        + SCHEMA
                        + "}]"));
        case IMAGES ->
            Optional.of(
                """
                {"model":"%s","input":[{"role":"user","content":[{"type":"input_text","text":"what?"},
                {"type":"input_image","image_url":"data:image/png;base64,%s"}]}]}\
                """
                    .formatted(model, PIXEL));
        case THINKING ->
            Optional.of(ask(model, ",\"reasoning\":{\"effort\":\"low\",\"summary\":\"auto\"}"));
        case STRUCTURED ->
            Optional.of(
                ask(
                    model,
                    ",\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"place\",\"schema\":"
                        + SCHEMA
                        + "}}"));
        case EMBEDDINGS -> Optional.empty();
      };
    }

    private static String ask(String model, String more) {
      return "{\"model\":\"%s\",\"input\":\"hello\"%s}".formatted(model, more);
    }

    @Override
    String found(MatrixFeature feature, JsonNode answer) {
      for (JsonNode item : answer.path("output")) {
        String type = item.path("type").asString("");
        switch (feature) {
          case TEXT, IMAGES, STRUCTURED -> {
            if (type.equals("message")) {
              return item.path("content").path(0).path("text").asString("");
            }
          }
          case TOOLS -> {
            if (type.equals("function_call")) {
              return item.path("name").asString("") + " " + item.path("arguments").asString("");
            }
          }
          case THINKING -> {
            if (type.equals("reasoning")) {
              return item.path("summary").path(0).path("text").asString("")
                  + item.path("content").path(0).path("text").asString("");
            }
          }
          case EMBEDDINGS -> throw new IllegalStateException("no embeddings in this dialect");
        }
      }
      return "";
    }
  },
  ANTHROPIC("Anthropic messages", "/v1/messages") {
    @Override
    Optional<String> body(MatrixFeature feature, String model) {
      return switch (feature) {
        case TEXT -> Optional.of(ask(model, ""));
        case TOOLS ->
            Optional.of(
                ask(
                    model,
                    ",\"tools\":[{\"name\":\"get_weather\",\"input_schema\":" + SCHEMA + "}]"));
        case IMAGES ->
            Optional.of(
                """
                {"model":"%s","max_tokens":64,"messages":[{"role":"user","content":[{"type":"text","text":"what?"},
                {"type":"image","source":{"type":"base64","media_type":"image/png","data":"%s"}}]}]}\
                """
                    .formatted(model, PIXEL));
        case THINKING ->
            Optional.of(ask(model, ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}"));
        case STRUCTURED ->
            Optional.of(
                ask(
                    model,
                    ",\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":"
                        + SCHEMA
                        + "}}"));
        case EMBEDDINGS -> Optional.empty();
      };
    }

    private static String ask(String model, String more) {
      return "{\"model\":\"%s\",\"max_tokens\":2048,\"messages\":[%s]%s}"
          .formatted(model, USER, more);
    }

    @Override
    String found(MatrixFeature feature, JsonNode answer) {
      for (JsonNode block : answer.path("content")) {
        String type = block.path("type").asString("");
        switch (feature) {
          case TEXT, IMAGES, STRUCTURED -> {
            if (type.equals("text")) {
              return block.path("text").asString("");
            }
          }
          case TOOLS -> {
            if (type.equals("tool_use")) {
              return block.path("name").asString("") + " " + block.path("input");
            }
          }
          case THINKING -> {
            if (type.equals("thinking")) {
              return block.path("thinking").asString("");
            }
          }
          case EMBEDDINGS -> throw new IllegalStateException("no embeddings in this dialect");
        }
      }
      return "";
    }
  };

  /// A picture of one pixel.
  static final String PIXEL =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

  private static final String USER = "{\"role\":\"user\",\"content\":\"hello\"}";
  private static final String SCHEMA =
      "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]}";
  private static final String NESTED_TOOL =
      "{\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"parameters\":"
          + SCHEMA
          + "}}";

  private final String title;
  private final String path;

  MatrixClient(String title, String path) {
    this.title = title;
    this.path = path;
  }

  String title() {
    return title;
  }

  String path(MatrixFeature feature) {
    return path;
  }

  /// The body of a request, none where the dialect has no such thing.
  abstract Optional<String> body(MatrixFeature feature, String model);

  /// What the feature is about in an answer: the words, `NAME ARGUMENTS` of a tool call, the
  /// thoughts, how many vectors. Empty when it is not there.
  abstract String found(MatrixFeature feature, JsonNode answer);

  private static String size(JsonNode array) {
    return array.isEmpty() ? "" : Integer.toString(array.size());
  }

  /// Whether the text found shows that the feature works.
  static boolean works(MatrixFeature feature, String found) {
    return switch (feature) {
      case TEXT, IMAGES, THINKING -> !found.isBlank();
      case TOOLS ->
          found.startsWith("get_weather ") && hasCity(found.substring("get_weather ".length()));
      case STRUCTURED -> hasCity(found);
      case EMBEDDINGS -> found.equals("2");
    };
  }

  private static boolean hasCity(String text) {
    try {
      return JsonMapper.shared().readTree(text).path("city").isString();
    } catch (JacksonException _) {
      return false;
    }
  }
}
