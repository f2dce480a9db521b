package dev.tutti.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A command-line agent as people use it: fetched in this version, pointed at a hub as its makers
/// say, in a home of its own, with its reports and updates switched off and with a proxy that
/// nobody answers for whatever it would still ask of others.
enum AgentCli {
  CODEX("@openai/codex", "0.169.0", "codex", "^exec_command$") {
    @Override
    String arguments(Path file, String text) {
      return "{\"cmd\":\"echo %s > %s\"}".formatted(text, file);
    }

    @Override
    void prepare(Path home, Path work, String hub, String model) throws IOException {
      Path settings = home.resolve(".codex").resolve("config.toml");
      Files.createDirectories(settings.getParent());
      Files.writeString(
          settings,
          """
          model = "%s"
          model_provider = "tutti"
          check_for_update_on_startup = false
          [analytics]
          enabled = false
          [model_providers.tutti]
          name = "Tutti"
          base_url = "%s/v1"
          wire_api = "responses"
          """
              .formatted(model, hub));
    }

    @Override
    List<String> words(String task, String model) {
      return List.of("exec", "--skip-git-repo-check", "--sandbox", "danger-full-access", task);
    }
  },

  CLAUDE_CODE("@anthropic-ai/claude-code", "2.1.330", "claude", "^Write$") {
    @Override
    String arguments(Path file, String text) {
      return "{\"file_path\":\"%s\",\"content\":\"%s\\n\"}".formatted(file, text);
    }

    @Override
    Map<String, String> environment(String hub, String model) {
      return Map.of(
          "ANTHROPIC_BASE_URL", hub,
          "ANTHROPIC_AUTH_TOKEN", "none",
          "ANTHROPIC_MODEL", model,
          "ANTHROPIC_DEFAULT_HAIKU_MODEL", model,
          "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1",
          "DISABLE_AUTOUPDATER", "1",
          "DISABLE_TELEMETRY", "1",
          "DISABLE_ERROR_REPORTING", "1");
    }

    @Override
    List<String> words(String task, String model) {
      return List.of("-p", task, "--permission-mode", "acceptEdits");
    }
  },

  QWEN_CODE("@qwen-code/qwen-code", "0.24.4", "qwen", "^write_file$") {
    @Override
    String arguments(Path file, String text) {
      return "{\"file_path\":\"%s\",\"content\":\"%s\\n\"}".formatted(file, text);
    }

    @Override
    void prepare(Path home, Path work, String hub, String model) throws IOException {
      Path settings = home.resolve(".qwen").resolve("settings.json");
      Files.createDirectories(settings.getParent());
      Files.writeString(
          settings,
          "{\"privacy\":{\"usageStatisticsEnabled\":false},"
              + "\"general\":{\"enableAutoUpdate\":false}}");
    }

    @Override
    Map<String, String> environment(String hub, String model) {
      return Map.of(
          "OPENAI_BASE_URL", hub + "/v1", "OPENAI_API_KEY", "none", "OPENAI_MODEL", model);
    }

    @Override
    List<String> words(String task, String model) {
      return List.of("--auth-type", "openai", "--yolo", "-p", task);
    }
  },

  OPENCODE("opencode-ai", "1.18.33", "opencode", "^write$") {
    @Override
    String arguments(Path file, String text) {
      return "{\"filePath\":\"%s\",\"content\":\"%s\\n\"}".formatted(file, text);
    }

    @Override
    void prepare(Path home, Path work, String hub, String model) throws IOException {
      Files.writeString(
          work.resolve("opencode.json"),
          """
          {"share":"disabled","autoupdate":false,
           "provider":{"tutti":{"npm":"@ai-sdk/openai-compatible","name":"Tutti",
             "options":{"baseURL":"%s/v1","apiKey":"none"},
             "models":{"%s":{"name":"%s"}}}},
           "model":"tutti/%s","small_model":"tutti/%s",
           "permission":{"edit":"allow"}}
          """
              .formatted(hub, model, model, model, model));
    }

    @Override
    Map<String, String> environment(String hub, String model) {
      return Map.of(
          "OPENCODE_DISABLE_AUTOUPDATE", "1",
          "OPENCODE_DISABLE_MODELS_FETCH", "1",
          "OPENCODE_DISABLE_LSP_DOWNLOAD", "1",
          "OPENCODE_DISABLE_DEFAULT_PLUGINS", "1");
    }

    @Override
    List<String> words(String task, String model) {
      return List.of("run", task);
    }
  },

  PI("@mariozechner/pi-coding-agent", "0.73.1", "pi", "^write$") {
    @Override
    String arguments(Path file, String text) {
      return "{\"path\":\"%s\",\"content\":\"%s\\n\"}".formatted(file, text);
    }

    @Override
    void prepare(Path home, Path work, String hub, String model) throws IOException {
      Path settings = home.resolve(".pi").resolve("agent").resolve("models.json");
      Files.createDirectories(settings.getParent());
      Files.writeString(
          settings,
          """
          {"providers":{"tutti":{"baseUrl":"%s/v1","apiKey":"none","api":"openai-completions",
            "models":[{"id":"%s"}]}}}
          """
              .formatted(hub, model));
    }

    @Override
    Map<String, String> environment(String hub, String model) {
      return Map.of("PI_OFFLINE", "1");
    }

    @Override
    List<String> words(String task, String model) {
      return List.of("--provider", "tutti", "--model", model, "-p", task);
    }
  };

  private static final Duration ENDS_WITHIN = Duration.ofMinutes(2);
  private static final String NOBODY = "http://127.0.0.1:9";

  private final String pack;
  private final String version;
  private final String program;
  private final String tool;

  AgentCli(String pack, String version, String program, String tool) {
    this.pack = pack;
    this.version = version;
    this.program = program;
    this.tool = tool;
  }

  /// What its tool wants to write this text into the file, as JSON.
  abstract String arguments(Path file, String text);

  abstract List<String> words(String task, String model);

  /// Variables besides those that every program gets.
  Map<String, String> environment(String hub, String model) {
    return Map.of();
  }

  /// Writes its settings.
  void prepare(Path home, Path work, String hub, String model) throws IOException {}

  /// A play for the simulated engine: the tool that writes, then the last word.
  String play(Path file, String text, String lastWord) {
    return "{\"turns\":[{\"tool\":\"%s\",\"arguments\":%s},{\"text\":\"%s\"}]}"
        .formatted(tool, arguments(file, text), lastWord);
  }

  /// Fetches it; skips the test when it cannot be had.
  Path fetch() {
    return NodeScript.fetch(pack, version).resolve(program);
  }

  /// Gives it one task and waits until it is done.
  Program.Said run(Path home, Path work, String hub, String model, String task) throws IOException {
    prepare(home, work, hub, model);
    Map<String, String> variables = new HashMap<>(environment(hub, model));
    variables.put("HOME", home.toString());
    variables.put("PATH", NodeScript.nodeFolder() + java.io.File.pathSeparator + Program.path());
    variables.put("HTTP_PROXY", NOBODY);
    variables.put("HTTPS_PROXY", NOBODY);
    variables.put("NO_PROXY", "127.0.0.1,localhost");
    List<String> command = new ArrayList<>(List.of(fetch().toString()));
    command.addAll(words(task, model));
    return Program.run(work, variables, ENDS_WITHIN, command);
  }
}
