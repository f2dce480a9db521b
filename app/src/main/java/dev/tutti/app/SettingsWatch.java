package dev.tutti.app;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the settings again when one of their files has changed and on SIGHUP. A file with mistakes
/// changes nothing.
final class SettingsWatch {
  /// Between two looks at the file.
  static final Duration EVERY = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(SettingsWatch.class);

  private final Supplier<List<Path>> files;
  private final Supplier<Settings> read;
  private final Consumer<Settings> apply;
  private final Semaphore asked = new Semaphore(0);
  private volatile boolean stopped;
  private List<FileTime> last = List.of();

  /// @param files those that were read last
  SettingsWatch(Supplier<List<Path>> files, Supplier<Settings> read, Consumer<Settings> apply) {
    this.files = files;
    this.read = read;
    this.apply = apply;
  }

  void start() {
    last = changedAt();
    onHangUp(asked::release);
    Thread.ofVirtual().name("settings-watch").start(this::watch);
  }

  void stop() {
    stopped = true;
    asked.release();
  }

  private void watch() {
    while (!stopped) {
      try {
        boolean told = asked.tryAcquire(EVERY.toMillis(), TimeUnit.MILLISECONDS);
        List<FileTime> now = changedAt();
        boolean changed = !now.isEmpty() && !now.equals(last);
        last = now;
        if (!stopped && (told || changed)) {
          apply.accept(read.get());
          // It may name other files now.
          last = changedAt();
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return;
      } catch (RuntimeException e) {
        LOG.warn("Settings were not read again; the old ones hold. {}", e.getMessage());
      }
    }
  }

  private List<FileTime> changedAt() {
    var times = new ArrayList<FileTime>();
    for (Path file : files.get()) {
      try {
        if (Files.isRegularFile(file)) {
          times.add(Files.getLastModifiedTime(file));
        }
      } catch (IOException _) {
        // Gone between two looks: as if it were not there.
      }
    }
    return times;
  }

  /// The JDK's only way to hear SIGHUP has no public name, so it is looked up; where it is missing
  /// the look at the file remains.
  private static void onHangUp(Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object answer =
          Proxy.newProxyInstance(
              SettingsWatch.class.getClassLoader(),
              new Class<?>[] {handler},
              (_, method, _) ->
                  switch (method.getName()) {
                    case "handle" -> {
                      action.run();
                      yield null;
                    }
                    case "equals" -> false;
                    case "hashCode" -> 1;
                    default -> "hang-up handler";
                  });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance("HUP"), answer);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      LOG.debug("SIGHUP is not heard. cause={}", e.toString());
    }
  }
}
