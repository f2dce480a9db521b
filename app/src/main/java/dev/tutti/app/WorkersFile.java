package dev.tutti.app;

import dev.tutti.backends.EngineAddress;
import dev.tutti.core.BackendId;
import dev.tutti.core.MeshException;
import dev.tutti.core.ModelName;
import dev.tutti.dispatch.Policy;
import dev.tutti.dispatch.PoolRule;
import dev.tutti.dispatch.TaskType;
import dev.tutti.dispatch.WorkerRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/// `openclaw_workers.json`, Symphony's file of workers and routing rules, in our own words.
///
/// What is of another shape than it should be is a mistake with its line, and the file is refused.
/// What we do not use, and names that lead nowhere, are notes with their lines.
final class WorkersFile extends OwnersText {
  /// Keys that are for people only.
  private static final Set<String> FOR_PEOPLE =
      Set.of("display_name", "description", "notes", "node_id", "_meta");

  private static final String STRATEGY = "priority_with_availability";

  /// What a file says.
  ///
  /// @param backends engines, in the words of `--backend`
  /// @param policy who may do what
  /// @param byPriority whether it asks for the strategy `priority`
  /// @param notes what was left out, with lines
  record Taken(List<String> backends, Policy policy, boolean byPriority, List<String> notes) {
    Taken {
      backends = List.copyOf(backends);
      notes = List.copyOf(notes);
    }
  }

  private final Map<String, Worker> workers = new LinkedHashMap<>();
  private final Set<String> left = new LinkedHashSet<>();
  private final List<Rule> rules = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private boolean byPriority;

  private WorkersFile(String name, JsonParser json) {
    super(name, Path.of(""), json);
  }

  /// Reads a file.
  ///
  /// @throws IllegalArgumentException naming every mistake and its line
  static Taken read(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        throw new IllegalArgumentException("workers-file: " + file + " (expected: a file)");
      }
      if (Files.size(file) > SettingsFile.MAX_BYTES) {
        throw new IllegalArgumentException(
            file
                + ": "
                + Files.size(file)
                + " bytes (expected: <= "
                + SettingsFile.MAX_BYTES
                + ")");
      }
      return parse(file.toString(), Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read", e);
    }
  }

  /// Reads a text.
  static Taken parse(String name, String text) {
    try (JsonParser parser = new JsonMapper(new JsonFactory()).createParser(text)) {
      var file = new WorkersFile(name, parser);
      file.root();
      if (!file.mistakes.isEmpty()) {
        throw new IllegalArgumentException(String.join("\n", file.mistakes));
      }
      return file.taken();
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      int line = at == null ? 0 : at.getLineNr();
      throw new IllegalArgumentException(
          name + ":" + line + ": " + e.getOriginalMessage().lines().findFirst().orElse("no JSON"),
          e);
    }
  }

  private void root() {
    if (yaml.nextToken() != JsonToken.START_OBJECT) {
      wrong(name, "(expected: an object with workers and routing_rules)");
      return;
    }
    object(key -> {
      switch (key) {
        case "workers" -> each(key, this::worker);
        case "routing_rules" -> each(key, this::rule);
        case "global_settings" -> globals();
        case "nodes" -> wrong(key, "(expected: workers; this is a registry of nodes)");
        default -> leave(key);
      }
    });
  }

  private void each(String key, Runnable one) {
    if (yaml.currentToken() != JsonToken.START_ARRAY) {
      wrong(key, "(expected: a list)");
      return;
    }
    int count = 0;
    while (yaml.nextToken() != JsonToken.END_ARRAY) {
      if (yaml.currentToken() != JsonToken.START_OBJECT || ++count > Policy.MAX_ENTRIES) {
        wrong(key, "(expected: at most " + Policy.MAX_ENTRIES + " objects)");
      } else {
        one.run();
      }
    }
  }

  // ---- workers

  private void worker() {
    var draft = new Worker(line());
    object(key -> {
      String path = "workers." + key;
      switch (key) {
        case "worker_id" -> draft.id = orEmpty(text(path));
        case "type" -> draft.type = orEmpty(text(path));
        case "endpoint" -> draft.endpoint = orEmpty(text(path));
        case "priority" -> draft.priority = integer(path);
        case "max_concurrent" -> draft.most = integer(path);
        case "models_available", "models" -> draft.models = texts(path);
        case "task_types", "capabilities" -> draft.types = types(path);
        case "enabled" -> draft.enabled = Boolean.TRUE.equals(bool(path));
        case "status" -> draft.enabled = orEmpty(text(path)).equals("active");
        default -> leave(path);
      }
    });
    if (draft.id.isEmpty()) {
      mistakes.add(
          name + ":" + draft.line + ": workers: one without worker_id (expected: worker_id)");
    } else if (draft.id.startsWith("_")) {
      // A template, not a worker.
      left.add(draft.id);
    } else {
      take(draft);
    }
  }

  private void take(Worker draft) {
    switch (draft.type) {
      case "ollama_local", "ollama_remote", "ollama", "openai_api" -> {
        try {
          var id = new BackendId(draft.id);
          if (draft.enabled) {
            draft.spec = spec(draft, id);
          }
          draft.rule = draft.rule();
          workers.put(draft.id, draft);
        } catch (IllegalArgumentException | MeshException e) {
          mistakes.add(name + ":" + draft.line + ": workers: " + draft.id + ": " + e.getMessage());
        }
      }
      default -> {
        left.add(draft.id);
        note(draft.line, "workers: " + draft.id + ": type " + draft.type + " is not known here");
      }
    }
  }

  private static String spec(Worker draft, BackendId id) {
    String spec =
        EngineAddress.parse(draft.endpoint).url()
            + (draft.most == null ? "" : ",slots=" + draft.most)
            + ",name="
            + id;
    EngineAddress.parse(spec);
    return spec;
  }

  // ---- rules

  private void rule() {
    var draft = new Rule(line());
    object(key -> {
      String path = "routing_rules." + key;
      switch (key) {
        case "rule_id" -> draft.id = orEmpty(text(path));
        case "task_types" -> draft.types = types(path);
        case "preferred_workers" -> draft.preferred = texts(path);
        case "fallback" -> draft.fallback = texts(path);
        case "model_preference" ->
            draft.model = yaml.currentToken() == JsonToken.VALUE_NULL ? "" : orEmpty(text(path));
        default -> leave(path);
      }
    });
    if (draft.types.isEmpty()) {
      note(draft.line, "routing_rules: " + draft.id + ": for no type that is known here");
    } else {
      rules.add(draft);
    }
  }

  private PoolRule rule(Rule draft) {
    var named = new ArrayList<>(draft.preferred);
    named.addAll(draft.fallback);
    boolean allHaveIt = true;
    for (String worker : named) {
      Worker known = workers.get(worker);
      if (known == null && !left.contains(worker)) {
        note(draft.line, "routing_rules: " + draft.id + ": no worker " + worker);
      } else if (known == null || !known.enabled) {
        note(draft.line, "routing_rules: " + draft.id + ": worker " + worker + " is not in use");
      } else {
        allHaveIt &= known.models.isEmpty() || known.models.contains(draft.model);
      }
    }
    Optional<ModelName> model =
        draft.model.isEmpty() ? Optional.empty() : Optional.of(new ModelName(draft.model));
    // Workers that have not the preferred model can only stand in with another one.
    return new PoolRule(
        draft.id,
        draft.types,
        possible(draft.preferred),
        possible(draft.fallback),
        model,
        model.isPresent() && !allHaveIt);
  }

  /// What no engine can be called leads nowhere, which was noted.
  private static List<String> possible(List<String> names) {
    return names.stream().filter(OwnersText::canBeName).toList();
  }

  private void globals() {
    if (yaml.currentToken() != JsonToken.START_OBJECT) {
      wrong("global_settings", "(expected: an object)");
      return;
    }
    object(key -> {
      if (key.equals("worker_selection_strategy")) {
        byPriority = orEmpty(text("global_settings." + key)).equals(STRATEGY);
      } else {
        leave("global_settings." + key);
      }
    });
  }

  private Taken taken() {
    var backends = new ArrayList<String>();
    var policy = new LinkedHashMap<String, WorkerRule>();
    workers.forEach((id, worker) -> {
      if (!worker.spec.isEmpty()) {
        backends.add(worker.spec);
      }
      policy.put(id, worker.rule);
    });
    List<PoolRule> taken = rules.stream().map(this::rule).toList();
    return new Taken(backends, new Policy(policy, taken, Optional.empty()), byPriority, notes);
  }

  // ---- words

  private List<String> texts(String key) {
    var texts = new ArrayList<String>();
    words(key, texts::add);
    return texts;
  }

  private Set<TaskType> types(String key) {
    var types = new LinkedHashSet<TaskType>();
    words(
        key,
        word ->
            TaskType.of(word)
                .ifPresentOrElse(
                    types::add, () -> note(line(), key + ": " + word + " is no type known here")));
    return types;
  }

  private void words(String key, Consumer<String> word) {
    if (yaml.currentToken() != JsonToken.START_ARRAY) {
      wrong(key, "(expected: a list)");
      return;
    }
    while (yaml.nextToken() != JsonToken.END_ARRAY) {
      String given = text(key);
      if (given != null) {
        word.accept(given);
      }
    }
  }

  /// What we do not use.
  private void leave(String path) {
    String key = path.substring(path.lastIndexOf('.') + 1);
    if (!FOR_PEOPLE.contains(key)) {
      note(line(), path + ": not used");
    }
    yaml.skipChildren();
  }

  private void note(int line, String words) {
    notes.add(name + ":" + line + ": " + words);
  }

  /// A worker while it is read.
  private static final class Worker {
    final int line;
    String id = "";
    String type = "";
    String endpoint = "";
    @Nullable Integer priority;
    @Nullable Integer most;
    List<String> models = List.of();
    Set<TaskType> types = Set.of();
    boolean enabled = true;
    String spec = "";
    WorkerRule rule = WorkerRule.NONE;

    Worker(int line) {
      this.line = line;
    }

    /// What an Ollama holds it says itself; of a cloud's many models only the named ones are used.
    WorkerRule rule() {
      boolean cloud = type.equals("openai_api");
      var only = new LinkedHashSet<ModelName>();
      models.forEach(model -> only.add(new ModelName(model)));
      return new WorkerRule(
          Optional.of(enabled),
          priority == null ? OptionalInt.empty() : OptionalInt.of(priority),
          most == null ? OptionalInt.empty() : OptionalInt.of(most),
          Optional.empty(),
          cloud ? Optional.of(true) : Optional.empty(),
          types,
          cloud ? only : Set.of());
    }
  }

  /// A rule while it is read.
  private static final class Rule {
    final int line;
    String id = "";
    Set<TaskType> types = Set.of();
    List<String> preferred = List.of();
    List<String> fallback = List.of();
    String model = "";

    Rule(int line) {
      this.line = line;
    }
  }
}
