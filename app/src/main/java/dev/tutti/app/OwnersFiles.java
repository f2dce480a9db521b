package dev.tutti.app;

import dev.tutti.app.cli.UpOptions;
import dev.tutti.dispatch.Policy;
import dev.tutti.dispatch.PoolRule;
import dev.tutti.dispatch.WorkerRule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Everything an owner has written down: `tutti.yaml`, and the file of workers that it names. Safe
/// for one thread at a time.
final class OwnersFiles {
  private static final Logger LOG = LoggerFactory.getLogger(OwnersFiles.class);

  private final Path file;
  private final UpOptions flags;
  private final OwnTls own;
  private volatile Optional<Path> workers = Optional.empty();
  private volatile List<Path> identity = List.of();
  private List<String> told = List.of();

  OwnersFiles(Path file, UpOptions flags, OwnTls own) {
    this.own = own;
    this.file = file;
    this.flags = flags;
  }

  /// The files as they are now, below the flags.
  ///
  /// @throws IllegalArgumentException naming every mistake and its line
  Settings read() {
    SettingsFile.Content content = SettingsFile.read(file);
    workers = content.workersFile();
    Settings settings = content.over(Settings.DEFAULTS);
    if (workers.isPresent()) {
      WorkersFile.Taken taken = WorkersFile.read(workers.get());
      tell(taken.notes());
      settings = with(settings, content.strategy().isPresent(), taken);
    }
    Settings whole = Flags.over(flags, settings);
    if (whole.web().own()) {
      own.make(Saved.self(whole).value(), whole.web().names(), whole.lan());
      whole = whole.with(whole.web().showing(own.certificate(), own.key()));
    }
    identity =
        whole.web().tls().map(tls -> List.of(tls.certificate(), tls.key())).orElse(List.of());
    return whole;
  }

  /// The files that were read last, the certificate and its key among them: a change of any is a
  /// change of the settings.
  List<Path> files() {
    own.tend();
    var files = new ArrayList<Path>();
    files.add(file);
    workers.ifPresent(files::add);
    files.addAll(identity);
    return files;
  }

  private void tell(List<String> notes) {
    if (!notes.equals(told)) {
      notes.forEach(note -> LOG.info("Not taken from the file of workers. {}", note));
      told = notes;
    }
  }

  /// What the file of workers says, below what `tutti.yaml` says.
  static Settings with(Settings settings, boolean strategyNamed, WorkersFile.Taken taken) {
    var backends = new ArrayList<>(settings.backends());
    backends.addAll(taken.backends());
    var workers = new LinkedHashMap<String, WorkerRule>(taken.policy().workers());
    settings
        .policy()
        .workers()
        .forEach((name, own) -> workers.merge(name, own, (theirs, mine) -> mine.over(theirs)));
    var rules = new ArrayList<PoolRule>(settings.policy().rules());
    rules.addAll(taken.policy().rules());
    return settings.with(
        taken.byPriority() && !strategyNamed ? Settings.StrategyName.PRIORITY : settings.strategy(),
        backends,
        new Policy(workers, rules, settings.policy().cloudAfter()));
  }
}
