package dev.tutti.app;

import dev.tutti.app.cli.ImportOptions;
import dev.tutti.app.cli.Imported;
import dev.tutti.core.ModelName;
import dev.tutti.dispatch.Policy;
import dev.tutti.dispatch.PoolRule;
import dev.tutti.dispatch.TaskType;
import dev.tutti.dispatch.WorkerRule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/// Takes a file of workers into `tutti.yaml`: as a block of its own between two comments, which the
/// next import replaces, or as one line that points at the file. All else in the settings stays as
/// it is, its comments included.
final class Import {
  private static final String BEGIN = "# begin: imported by tutti import";
  private static final String END = "# end: imported by tutti import";

  private static final Pattern BLOCK =
      Pattern.compile(
          "(?ms)^" + Pattern.quote(BEGIN) + ".*?^" + Pattern.quote(END) + "[^\\n]*\\n?");

  private static final Pattern POINTER = Pattern.compile("(?m)^workers-file\\s*:[^\\n]*\\n?");
  private static final Pattern STRATEGY = Pattern.compile("(?m)^strategy\\s*:");
  private static final Pattern SAME_KIND = Pattern.compile("(?m)^(backends|workers|rules)\\s*:");

  private static final JsonMapper JSON = new JsonMapper();

  private Import() {}

  /// Imports into these settings.
  ///
  /// @throws IllegalArgumentException naming every mistake in either file and its line
  static Imported into(Path config, ImportOptions options) {
    WorkersFile.Taken taken = WorkersFile.read(options.file());
    String before = text(config);
    String rest = POINTER.matcher(BLOCK.matcher(before).replaceAll("")).replaceAll("");
    boolean clashes = !options.live() && SAME_KIND.matcher(rest).find();
    String settings =
        options.live()
            ? "workers-file: " + quoted(options.file().toAbsolutePath().normalize().toString())
            : block(taken, !STRATEGY.matcher(rest).find());
    if (!clashes) {
      write(config, rest, settings);
    }
    return new Imported(
        config,
        !clashes,
        settings,
        taken.backends().size(),
        taken.policy().rules().size(),
        taken.notes());
  }

  private static String text(Path config) {
    try {
      return Files.isRegularFile(config) ? Files.readString(config) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(config + ": cannot be read", e);
    }
  }

  /// What would make mistakes of the settings is not written.
  private static void write(Path config, String rest, String settings) {
    String gap = rest.isEmpty() || rest.endsWith("\n") ? "" : "\n";
    String whole = rest + gap + settings + "\n";
    SettingsFile.parse(config.toString(), whole);
    Path target = config.toAbsolutePath();
    try {
      Files.createDirectories(target.resolveSibling(""));
      Path draft = Files.createTempFile(target.resolveSibling(""), "tutti", ".yaml");
      Files.writeString(draft, whole);
      Files.move(
          draft, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(config + ": cannot be written", e);
    }
  }

  /// What the file says, in the words of the settings.
  static String block(WorkersFile.Taken taken, boolean withStrategy) {
    var lines = new ArrayList<String>();
    lines.add(BEGIN + "; the next one replaces all of it");
    if (taken.byPriority() && withStrategy) {
      lines.add("strategy: priority");
    }
    if (!taken.backends().isEmpty()) {
      lines.add("backends:");
    }
    taken.backends().forEach(spec -> lines.add("  - " + quoted(spec)));
    lines.addAll(policy(taken.policy()));
    lines.add(END);
    return String.join("\n", lines);
  }

  private static List<String> policy(Policy policy) {
    var lines = new ArrayList<String>();
    if (!policy.workers().isEmpty()) {
      lines.add("workers:");
    }
    policy.workers().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(each -> lines.add("  " + quoted(each.getKey()) + ": " + worker(each.getValue())));
    if (!policy.rules().isEmpty()) {
      lines.add("rules:");
    }
    for (PoolRule rule : policy.rules()) {
      lines.add("  - name: " + quoted(rule.name()));
      lines.add("    types: " + types(rule.types()));
      lines.add("    preferred: " + list(rule.preferred()));
      lines.add("    fallback: " + list(rule.fallback()));
      rule.model().ifPresent(model -> lines.add("    model: " + quoted(model.value())));
      lines.add("    substitute: " + (rule.substitute() ? "allow" : "deny"));
    }
    return lines;
  }

  private static String worker(WorkerRule rule) {
    var parts = new ArrayList<String>();
    rule.enabled().ifPresent(enabled -> parts.add("enabled: " + enabled));
    rule.priority().ifPresent(priority -> parts.add("priority: " + priority));
    rule.maxConcurrent().ifPresent(most -> parts.add("max-concurrent: " + most));
    rule.batchOnly().ifPresent(only -> parts.add("batch-only: " + only));
    rule.cloud().ifPresent(cloud -> parts.add("cloud: " + cloud));
    if (!rule.types().isEmpty()) {
      parts.add("types: " + types(rule.types()));
    }
    if (!rule.models().isEmpty()) {
      parts.add("models: " + list(rule.models().stream().map(ModelName::value).sorted().toList()));
    }
    return "{ " + String.join(", ", parts) + " }";
  }

  private static String types(Collection<TaskType> types) {
    return types.stream()
        .map(type -> type.wireName())
        .sorted()
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static String list(Collection<String> texts) {
    return texts.stream().map(Import::quoted).collect(Collectors.joining(", ", "[", "]"));
  }

  /// JSON's quoted texts are YAML's too.
  private static String quoted(String text) {
    return JSON.writeValueAsString(text);
  }
}
