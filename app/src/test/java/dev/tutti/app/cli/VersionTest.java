package dev.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// The command that has to answer at once.
final class VersionTest {

  @Test
  void the_version_is_that_of_the_build_file() throws Exception {
    var build = Files.readString(Golden.root().resolve("pom.xml"));

    assertThat(build).contains("<artifactId>tutti</artifactId>\n  <version>" + Version.NUMBER);
  }

  @Test
  void every_way_to_ask_gets_the_same_answer() {
    for (var line : List.of("version", "--version", "-V", "version --url http://x:1")) {
      var run = new CommandRun();

      assertThat(run.run(line.split(" ", -1))).isZero();

      assertThat(run.out()).isEqualTo("tutti 0.1.0 (Java 25.0.1+8)" + System.lineSeparator());
    }
  }

  /// Runs the command where neither picocli nor Jackson can be loaded.
  @Test
  void it_needs_nothing_but_our_own_classes() throws Exception {
    var out = new ByteArrayOutputStream();
    var ours = new ArrayList<URL>();
    for (var entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      var path = Path.of(entry);
      boolean isCore = path.getFileName().toString().startsWith("core");
      if (Files.isDirectory(path) || isCore) {
        ours.add(path.toUri().toURL());
      }
    }
    try (var loader =
        new URLClassLoader(ours.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      var cli = loader.loadClass("dev.tutti.app.cli.Cli");
      var processes = loader.loadClass("dev.tutti.app.cli.Processes");
      var environment = loader.loadClass("dev.tutti.app.cli.Environment");
      var streams = loader.loadClass("dev.tutti.app.cli.Streams");
      InvocationHandler refuse =
          (_, method, _) -> {
            throw new IllegalStateException(method.getName());
          };
      var time = loader.loadClass("dev.tutti.core.Time");
      var print = new PrintStream(out, true, StandardCharsets.UTF_8);
      var run =
          cli.getMethod("run", String[].class, processes, environment, streams)
              .invoke(
                  null,
                  new String[] {"version"},
                  Proxy.newProxyInstance(loader, new Class<?>[] {processes}, refuse),
                  environment.getConstructors()[0].newInstance(
                      Map.of(),
                      Path.of("/"),
                      "Linux",
                      Path.of("/proc"),
                      Runtime.version(),
                      Proxy.newProxyInstance(loader, new Class<?>[] {time}, refuse)),
                  streams.getConstructors()[0].newInstance(
                      new ByteArrayInputStream(new byte[0]), print, print, false));
      assertThat(run).isEqualTo(0);
    }
    assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("tutti 0.1.0 ");
  }
}
