package dev.tutti.app;

import dev.tutti.access.Quota;
import dev.tutti.access.Tier;
import dev.tutti.access.Tiers;
import dev.tutti.core.ModelName;
import dev.tutti.dispatch.Policy;
import dev.tutti.dispatch.PoolRule;
import dev.tutti.dispatch.TaskType;
import dev.tutti.dispatch.WorkerRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/// `workers`, `rules`, `cloud`, `tiers` and `audit` of `tutti.yaml`: the owner's hard rules.
final class PolicySection extends OwnersText {
  private static final int CENTS = 100;

  private final Map<String, WorkerRule> workers = new LinkedHashMap<>();
  private final List<PoolRule> rules = new ArrayList<>();
  private final Map<String, Tier> tiers = new LinkedHashMap<>();
  private @Nullable Duration cloudAfter;
  private OptionalLong cloudBudgetCents = OptionalLong.empty();

  private Witness.Tells witness = Witness.Tells.NOTHING;

  PolicySection(OwnersText whole) {
    super(whole);
  }

  /// What was read.
  Policy whole() {
    return new Policy(workers, rules, Optional.ofNullable(cloudAfter));
  }

  /// What the audit log tells of requests.
  Witness.Tells witness() {
    return witness;
  }

  void audit() {
    section(
        "audit",
        "(expected: requests below it)",
        key -> {
          if (!key.equals("requests")) {
            unknown("audit." + key, "requests");
            return;
          }
          String given = orEmpty(text("audit.requests"));
          Optional<Witness.Tells> known = Witness.Tells.of(given);
          known.ifPresent(tells -> witness = tells);
          if (known.isEmpty()) {
            wrong("audit.requests", "(expected: nothing, hashes or texts)");
          }
        });
  }

  void cloud() {
    if (yaml.currentToken() != JsonToken.START_OBJECT) {
      wrong("cloud", "(expected: after or budget-eur below it)");
      return;
    }
    object(key -> {
      switch (key) {
        case "after" -> cloudAfter = duration("cloud.after");
        case "budget-eur" -> budget(euro("cloud.budget-eur"));
        default -> unknown("cloud." + key, "after or budget-eur");
      }
    });
  }

  private void budget(double euro) {
    if (!(euro >= 0 && euro * CENTS <= Quota.MAX)) {
      wrong("cloud.budget-eur", "(expected: 0 or more euro a month)");
      return;
    }
    cloudBudgetCents = OptionalLong.of(Math.round(euro * CENTS));
  }

  /// What the cloud may cost in a month.
  OptionalLong cloudBudgetCents() {
    return cloudBudgetCents;
  }

  /// How far machines and engines are trusted.
  Tiers tiers() {
    return new Tiers(tiers);
  }

  void readTiers() {
    section(
        "tiers",
        "(expected: names of nodes or backends, each guest, usual or trusted)",
        worker -> {
          String given = orEmpty(text("tiers"));
          Optional<Tier> tier = Tier.of(given);
          if (tier.isEmpty()) {
            mistakes.add(
                name + ":" + line() + ": tiers: " + given + " (expected: guest, usual or trusted)");
          } else if (isName("tiers", worker) && hasRoom("tiers", tiers.size())) {
            tiers.put(worker, tier.get());
          }
        });
  }

  void workers() {
    if (yaml.currentToken() != JsonToken.START_OBJECT) {
      wrong("workers", "(expected: names of backends or nodes with rules below them)");
      return;
    }
    object(worker -> {
      if (isName("workers", worker) && hasRoom("workers", workers.size())) {
        workers.put(worker, worker());
      } else {
        yaml.skipChildren();
      }
    });
  }

  private boolean hasRoom(String key, int size) {
    if (size < Policy.MAX_ENTRIES) {
      return true;
    }
    mistakes.add(
        name + ":" + line() + ": " + key + ": more (expected: <= " + Policy.MAX_ENTRIES + ")");
    return false;
  }

  private boolean isName(String key, String text) {
    if (canBeName(text)) {
      return true;
    }
    mistakes.add(
        name
            + ":"
            + line()
            + ": "
            + key
            + ": "
            + text
            + " (expected: the name of a backend or a node)");
    return false;
  }

  private WorkerRule worker() {
    if (yaml.currentToken() != JsonToken.START_OBJECT) {
      wrong("workers", "(expected: enabled, priority and others below the name)");
      return WorkerRule.NONE;
    }
    int line = line();
    var draft = new Draft();
    object(key -> {
      String path = "workers." + key;
      switch (key) {
        case "enabled" -> draft.enabled = bool(path);
        case "priority" -> draft.priority = integer(path);
        case "max-concurrent" -> draft.most = integer(path);
        case "batch-only" -> draft.batchOnly = bool(path);
        case "cloud" -> draft.cloud = bool(path);
        case "types" -> draft.types = types(path);
        case "models" -> draft.models = models(path);
        default ->
            unknown(path, "enabled, priority, max-concurrent, batch-only, cloud, types or models");
      }
    });
    try {
      return draft.rule();
    } catch (IllegalArgumentException e) {
      mistakes.add(name + ":" + line + ": workers." + e.getMessage());
      return WorkerRule.NONE;
    }
  }

  void rules() {
    if (yaml.currentToken() != JsonToken.START_ARRAY) {
      wrong("rules", "(expected: a list)");
      return;
    }
    while (yaml.nextToken() != JsonToken.END_ARRAY) {
      if (yaml.currentToken() != JsonToken.START_OBJECT) {
        wrong("rules", "(expected: types, preferred and fallback)");
      } else if (hasRoom("rules", rules.size())) {
        rule();
      } else {
        yaml.skipChildren();
      }
    }
  }

  private void rule() {
    int line = line();
    var draft = new RuleDraft();
    draft.name = Integer.toString(rules.size() + 1);
    object(key -> {
      String path = "rules." + key;
      switch (key) {
        case "name" -> draft.name = orEmpty(text(path));
        case "types" -> draft.types = types(path);
        case "preferred" -> draft.preferred = names(path);
        case "fallback" -> draft.fallback = names(path);
        case "model" -> draft.model = model(path);
        case "substitute" -> draft.substitute = substitute(path);
        default -> unknown(path, "name, types, preferred, fallback, model or substitute");
      }
    });
    if (draft.types.isEmpty()) {
      mistakes.add(name + ":" + line + ": rules: a rule without types (expected: types)");
      return;
    }
    rules.add(
        new PoolRule(
            draft.name,
            draft.types,
            draft.preferred,
            draft.fallback,
            draft.model,
            draft.substitute));
  }

  private boolean substitute(String path) {
    String given = orEmpty(text(path));
    if (!given.equals("allow") && !given.equals("deny")) {
      mistakes.add(name + ":" + line() + ": " + path + ": " + given + " (expected: allow or deny)");
    }
    return given.equals("allow");
  }

  private Optional<ModelName> model(String path) {
    String given = text(path);
    try {
      ModelName model = new ModelName(orEmpty(given));
      if (!model.isAuto()) {
        return Optional.of(model);
      }
      wrong(path, "(expected: the name of a real model)");
    } catch (IllegalArgumentException e) {
      mistakes.add(name + ":" + line() + ": " + path + ": " + e.getMessage());
    }
    return Optional.empty();
  }

  private List<String> list(String path) {
    var texts = new ArrayList<String>();
    if (yaml.currentToken() != JsonToken.START_ARRAY) {
      wrong(path, "(expected: a list)");
      return texts;
    }
    while (yaml.nextToken() != JsonToken.END_ARRAY) {
      String given = text(path);
      if (given != null) {
        texts.add(given);
      }
    }
    return texts;
  }

  private List<String> names(String path) {
    return list(path).stream().filter(each -> isName(path, each)).toList();
  }

  private Set<TaskType> types(String path) {
    var types = new LinkedHashSet<TaskType>();
    for (String each : list(path)) {
      TaskType.of(each)
          .ifPresentOrElse(
              types::add,
              () ->
                  mistakes.add(
                      name
                          + ":"
                          + line()
                          + ": "
                          + path
                          + ": "
                          + each
                          + " (expected: chat, code, summarize, embed, …)"));
    }
    return types;
  }

  private Set<ModelName> models(String path) {
    var models = new LinkedHashSet<ModelName>();
    for (String each : list(path)) {
      try {
        models.add(new ModelName(each));
      } catch (IllegalArgumentException e) {
        mistakes.add(name + ":" + line() + ": " + path + ": " + e.getMessage());
      }
    }
    return models;
  }

  /// A rule about a worker while it is read.
  private static final class Draft {
    @Nullable Boolean enabled;
    @Nullable Integer priority;
    @Nullable Integer most;
    @Nullable Boolean batchOnly;
    @Nullable Boolean cloud;
    Set<TaskType> types = Set.of();
    Set<ModelName> models = Set.of();

    WorkerRule rule() {
      return new WorkerRule(
          Optional.ofNullable(enabled),
          priority == null ? OptionalInt.empty() : OptionalInt.of(priority),
          most == null ? OptionalInt.empty() : OptionalInt.of(most),
          Optional.ofNullable(batchOnly),
          Optional.ofNullable(cloud),
          types,
          models);
    }
  }

  /// A rule about types while it is read.
  private static final class RuleDraft {
    String name = "";
    Set<TaskType> types = Set.of();
    List<String> preferred = List.of();
    List<String> fallback = List.of();
    Optional<ModelName> model = Optional.empty();
    boolean substitute;
  }
}
