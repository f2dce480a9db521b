package dev.tutti.app;

import dev.tutti.backends.LoadRule;
import dev.tutti.core.ModelName;
import dev.tutti.core.NodeId;
import dev.tutti.dialects.OllamaLoad;
import dev.tutti.dispatch.AutoRules;
import dev.tutti.dispatch.Difficulty;
import dev.tutti.dispatch.Policy;
import dev.tutti.dispatch.TaskType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// `tutti.yaml`: what it says, and every mistake in it with its line.
///
/// Read as a stream of tokens, because only those know their lines; no key is guessed at, so a
/// mistyped one is an error and not a default.
final class SettingsFile extends OwnersText {
  /// The largest file that is read, in bytes.
  static final int MAX_BYTES = 1024 * 1024;

  /// The key for what holds for every model without an entry of its own.
  private static final String ALL_OTHERS = "*";

  /// What a file says. Empty where it says nothing.
  record Content(
      Optional<Integer> port,
      Optional<Integer> nodePort,
      Optional<Integer> grpcPort,
      Optional<Boolean> lan,
      Optional<Boolean> discover,
      Optional<String> strategy,
      Optional<Duration> queueTtl,
      Optional<Integer> queueLimit,
      Optional<Duration> silenceFirst,
      Optional<Duration> silenceBetween,
      Optional<String> nodeName,
      List<String> backends,
      Web web,
      LoadRules loadRules,
      Optional<Boolean> hedge,
      AutoChoice auto,
      Policy policy,
      Optional<Path> workersFile,
      AccessRules access) {
    static final Content EMPTY =
        new Content(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Web.PLAIN,
            LoadRules.NONE,
            Optional.empty(),
            AutoChoice.NONE,
            Policy.NONE,
            Optional.empty(),
            AccessRules.NONE);

    Content {
      backends = List.copyOf(backends);
    }

    /// These settings laid over others.
    Settings over(Settings base) {
      return new Settings(
          base.host(),
          port.orElse(base.port()),
          nodePort.orElse(base.nodePort()),
          grpcPort.orElse(base.grpcPort()),
          lan.orElse(base.lan()),
          discover.orElse(base.discover()),
          strategy.map(Settings.StrategyName::of).orElse(base.strategy()),
          queueTtl.orElse(base.queueTtl()),
          queueLimit.orElse(base.queueLimit()),
          new Settings.Silence(
              silenceFirst.orElse(base.silence().first()),
              silenceBetween.orElse(base.silence().between())),
          backends.isEmpty() ? base.backends() : backends,
          base.demo(),
          nodeName.orElse(base.nodeName()),
          web,
          loadRules.equals(LoadRules.NONE) ? base.loadRules() : loadRules,
          hedge.orElse(base.hedge()),
          auto.equals(AutoChoice.NONE) ? base.auto() : auto,
          policy.equals(Policy.NONE) ? base.policy() : policy,
          access.equals(AccessRules.NONE) ? base.access() : access);
    }
  }

  private @Nullable Integer port;
  private @Nullable Integer nodePort;
  private @Nullable Integer grpcPort;
  private @Nullable Boolean lan;
  private @Nullable Boolean discover;
  private @Nullable Boolean hedge;
  private @Nullable String strategy;
  private @Nullable Duration queueTtl;
  private @Nullable Integer queueLimit;
  private @Nullable Duration silenceFirst;
  private @Nullable Duration silenceBetween;
  private @Nullable String nodeName;
  private boolean own;
  private @Nullable Path certificate;
  private @Nullable Path key;
  private final BackendsSection backends = new BackendsSection(this);
  private final List<String> origins = new ArrayList<>();
  private final List<String> hosts = new ArrayList<>();
  private LoadRules loadRules = LoadRules.NONE;
  private AutoChoice auto = AutoChoice.NONE;
  private final PolicySection policy;
  private @Nullable Path workersFile;

  private SettingsFile(String name, Path folder, JsonParser yaml) {
    super(name, folder, yaml);
    this.policy = new PolicySection(this);
  }

  /// Reads the file; a missing one says nothing.
  ///
  /// @throws IllegalArgumentException naming every mistake and its line
  static Content read(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        return Content.EMPTY;
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new IllegalArgumentException(
            file + ": " + Files.size(file) + " bytes (expected: <= " + MAX_BYTES + ")");
      }
      Path whole = file.toAbsolutePath();
      Path folder = whole.resolveSibling("");
      return parse(file.toString(), folder, Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read", e);
    }
  }

  /// Reads a text that is in no folder.
  static Content parse(String name, String text) {
    return parse(name, Path.of(""), text);
  }

  /// Of two fields of one name nobody knows which was meant.
  private static YAMLMapper strict() {
    return new YAMLMapper(
        YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build());
  }

  /// Reads a text; the files it names are sought in `folder`.
  private static Content parse(String name, Path folder, String text) {
    if (text.lines().allMatch(line -> line.isBlank() || line.stripLeading().startsWith("#"))) {
      return Content.EMPTY;
    }
    try (JsonParser parser = strict().createParser(text)) {
      var file = new SettingsFile(name, folder, parser);
      file.root();
      if (!file.mistakes.isEmpty()) {
        throw new IllegalArgumentException(String.join("\n", file.mistakes));
      }
      return file.content();
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      int line = at == null ? 0 : at.getLineNr();
      throw new IllegalArgumentException(
          name + ":" + line + ": " + e.getOriginalMessage().lines().findFirst().orElse("no YAML"),
          e);
    }
  }

  private Content content() {
    return new Content(
        Optional.ofNullable(port),
        Optional.ofNullable(nodePort),
        Optional.ofNullable(grpcPort),
        Optional.ofNullable(lan),
        Optional.ofNullable(discover),
        Optional.ofNullable(strategy),
        Optional.ofNullable(queueTtl),
        Optional.ofNullable(queueLimit),
        Optional.ofNullable(silenceFirst),
        Optional.ofNullable(silenceBetween),
        Optional.ofNullable(nodeName),
        backends.addresses(),
        new Web(own, Optional.ofNullable(certificate), Optional.ofNullable(key), origins, hosts),
        loadRules,
        Optional.ofNullable(hedge),
        auto,
        policy.whole(),
        Optional.ofNullable(workersFile),
        new AccessRules(
            policy.tiers(), policy.cloudBudgetCents(), backends.accounts(), policy.witness()));
  }

  private void root() {
    if (yaml.nextToken() != JsonToken.START_OBJECT) {
      wrong(name, "(expected: settings such as `port: 8765`)");
      return;
    }
    object(key -> {
      switch (key) {
        case "port" -> port = integer(key);
        case "node-port" -> nodePort = integer(key);
        case "grpc-port" -> grpcPort = integer(key);
        case "lan" -> lan = bool(key);
        case "discover" -> discover = bool(key);
        case "hedge" -> hedge = bool(key);
        case "strategy" -> strategy = strategyName(key);
        case "node-name" -> nodeName = text(key);
        case "queue" -> queue();
        case "silence" -> silence();
        case "backends" -> backends.read();
        case "models" -> models();
        case "auto" -> auto();
        case "tls" -> tls();
        case "origins" ->
            webNames(key, origins, each -> new Web(none(), none(), List.of(each), List.of()));
        case "hosts" ->
            webNames(key, hosts, each -> new Web(none(), none(), List.of(), List.of(each)));
        case "workers" -> policy.workers();
        case "rules" -> policy.rules();
        case "cloud" -> policy.cloud();
        case "tiers" -> policy.readTiers();
        case "audit" -> policy.audit();
        case "workers-file" -> workersFile = file(key);
        default ->
            unknown(
                key,
                "port, node-port, grpc-port, lan, discover, hedge, strategy, node-name, queue,"
                    + " silence, models, auto, backends, workers, rules, cloud, tiers, audit,"
                    + " workers-file, tls, origins or hosts");
      }
    });
  }

  private void queue() {
    section(
        "queue",
        "(expected: ttl and limit below it)",
        key -> {
          switch (key) {
            case "ttl" -> queueTtl = duration("queue.ttl");
            case "limit" -> queueLimit = integer("queue.limit");
            default -> unknown("queue." + key, "ttl or limit");
          }
        });
  }

  private void silence() {
    section(
        "silence",
        "(expected: first and between below it)",
        key -> {
          switch (key) {
            case "first" -> silenceFirst = duration("silence.first");
            case "between" -> silenceBetween = duration("silence.between");
            default -> unknown("silence." + key, "first or between");
          }
        });
  }

  private void tls() {
    section(
        "tls",
        "(expected: own, or certificate and key, below it)",
        name -> {
          switch (name) {
            case "own" -> own = Boolean.TRUE.equals(bool("tls.own"));
            case "certificate" -> certificate = file("tls.certificate");
            case "key" -> key = file("tls.key");
            default -> unknown("tls." + name, "own, certificate or key");
          }
        });
    if (own && (certificate != null || key != null)) {
      wrong("tls", "(expected: own, or certificate and key, and not both)");
    }
  }

  private void webNames(String key, List<String> into, Function<String, Web> check) {
    if (yaml.currentToken() != JsonToken.START_ARRAY) {
      wrong(key, "(expected: a list)");
      yaml.skipChildren();
      return;
    }
    while (yaml.nextToken() != JsonToken.END_ARRAY) {
      String given = orEmpty(text(key));
      try {
        var checked = check.apply(given);
        into.addAll(checked.origins());
        into.addAll(checked.names());
      } catch (IllegalArgumentException e) {
        mistakes.add(name + ":" + line() + ": " + e.getMessage());
      }
    }
  }

  private static Optional<Path> none() {
    return Optional.empty();
  }

  private void models() {
    var byModel = new LinkedHashMap<ModelName, LoadRule>();
    var pins = new LinkedHashMap<ModelName, Set<NodeId>>();
    var others = new LoadRule[] {LoadRule.NONE};
    section(
        "models",
        "(expected: names of models with context and keep-alive below them)",
        model -> {
          var pinned = new LinkedHashSet<NodeId>();
          int line = line();
          LoadRule rule = loadRule(pinned);
          if (!model.equals(ALL_OTHERS)) {
            modelName("models", model)
                .ifPresent(named -> {
                  byModel.put(named, rule);
                  if (!pinned.isEmpty()) {
                    pins.put(named, Set.copyOf(pinned));
                  }
                });
            return;
          }
          others[0] = rule;
          if (!pinned.isEmpty()) {
            mistakes.add(
                name + ":" + line + ": models.pin: below \"*\" (expected: below a model's name)");
          }
        });
    loadRules = new LoadRules(byModel, pins, others[0]);
  }

  private Optional<ModelName> modelName(String key, String text) {
    try {
      return Optional.of(new ModelName(text));
    } catch (IllegalArgumentException e) {
      mistakes.add(name + ":" + line() + ": " + key + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  private void auto() {
    var byType = new EnumMap<TaskType, List<ModelName>>(TaskType.class);
    var byDifficulty = new EnumMap<Difficulty, List<ModelName>>(Difficulty.class);
    var router = new ArrayList<ModelName>();
    section(
        "auto",
        "(expected: types, difficulties and router below it)",
        key -> {
          Optional<TaskType> type = TaskType.of(key).filter(SettingsFile::isChosenFor);
          Optional<Difficulty> difficulty = Difficulty.of(key);
          if (key.equals("router")) {
            realModel("auto.router", text("auto.router")).ifPresent(router::add);
          } else if (difficulty.isPresent()) {
            byDifficulty.put(difficulty.get(), modelList("auto." + key));
          } else if (type.isPresent()) {
            byType.put(type.get(), modelList("auto." + key));
          } else {
            unknown("auto." + key, "router, simple, usual, hard, or a type such as chat or code");
          }
        });
    auto = new AutoChoice(new AutoRules(byType, byDifficulty), router.stream().findFirst());
  }

  /// Whether a client may leave the model for such work to the mesh.
  private static boolean isChosenFor(TaskType type) {
    return switch (type) {
      case COUNT, LOAD, ROUTE -> false;
      case CHAT,
          CODE,
          VISION,
          SUMMARIZE,
          CLASSIFY,
          REASON,
          EMBED,
          WRITE,
          ANALYZE,
          QA,
          BROWSER,
          SCRAPE,
          DTOOLS,
          FORM_FILL ->
          true;
    };
  }

  private List<ModelName> modelList(String key) {
    var models = new ArrayList<ModelName>();
    if (yaml.currentToken() != JsonToken.START_ARRAY) {
      wrong(key, "(expected: a list of models)");
      yaml.skipChildren();
      return models;
    }
    while (yaml.nextToken() != JsonToken.END_ARRAY) {
      realModel(key, text(key)).ifPresent(models::add);
    }
    return models;
  }

  private Optional<ModelName> realModel(String key, @Nullable String text) {
    if (text == null) {
      return Optional.empty();
    }
    Optional<ModelName> model = modelName(key, text);
    if (model.isPresent() && model.get().isAuto()) {
      wrong(key, "(expected: the name of a real model)");
      return Optional.empty();
    }
    return model;
  }

  private LoadRule loadRule(Set<NodeId> pinned) {
    var context = new ArrayList<Integer>();
    var keepAlive = new ArrayList<Duration>();
    int line = line();
    section(
        "models",
        "(expected: context, keep-alive and pin below the model's name)",
        key -> {
          switch (key) {
            case "context" ->
                Optional.ofNullable(integer("models.context")).ifPresent(context::add);
            case "keep-alive" -> Optional.ofNullable(keepAlive()).ifPresent(keepAlive::add);
            case "pin" -> pins(pinned);
            default -> unknown("models." + key, "context, keep-alive or pin");
          }
        });
    try {
      return new LoadRule(
          context.isEmpty() ? OptionalInt.empty() : OptionalInt.of(context.getLast()),
          keepAlive.stream().findFirst());
    } catch (IllegalArgumentException e) {
      mistakes.add(name + ":" + line + ": models: " + e.getMessage());
      return LoadRule.NONE;
    }
  }

  /// One machine, or a list of them.
  private void pins(Set<NodeId> pinned) {
    if (yaml.currentToken() != JsonToken.START_ARRAY) {
      pin(pinned);
      return;
    }
    while (yaml.nextToken() != JsonToken.END_ARRAY) {
      pin(pinned);
    }
  }

  private void pin(Set<NodeId> pinned) {
    int line = line();
    String node = text("models.pin");
    if (node != null) {
      try {
        pinned.add(new NodeId(node));
      } catch (IllegalArgumentException e) {
        mistakes.add(name + ":" + line + ": models.pin: " + e.getMessage());
      }
    }
  }

  private @Nullable Duration keepAlive() {
    boolean forever =
        yaml.currentToken() == JsonToken.VALUE_STRING && yaml.getString().equals("forever");
    return forever ? OllamaLoad.FOREVER : duration("models.keep-alive");
  }

  private @Nullable String strategyName(String key) {
    String given = text(key);
    try {
      return given == null ? null : Settings.StrategyName.of(given).wireName();
    } catch (IllegalArgumentException e) {
      mistakes.add(name + ":" + line() + ": " + e.getMessage());
      return null;
    }
  }
}
