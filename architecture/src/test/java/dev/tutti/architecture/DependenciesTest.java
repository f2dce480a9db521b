package dev.tutti.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What a hub runs with is what was looked at: every file of its class path has the SHA-256 that
/// `dependencies.lock` says. After a wanted change `-Ddependencies.update=true` writes it anew;
/// read the difference before it is kept.
///
/// From the same files a bill of materials is made in CycloneDX's form: `app/target/bom.json`.
class DependenciesTest {
  private static final Path LOCK = Sources.ROOT.resolve("dependencies.lock");
  private static final Path LIBRARIES = Sources.ROOT.resolve("app/target/lib");
  private static final Path BILL = Sources.ROOT.resolve("app/target/bom.json");
  private static final String OURS = "-0.1.0.jar";
  private static final Pattern NAME = Pattern.compile("(.+?)-(\\d[A-Za-z0-9.+-]*)\\.jar");

  @Test
  void every_dependency_is_the_one_that_was_locked() throws Exception {
    assertThat(LIBRARIES).as("made by the phase `package` of app").isDirectory();
    Map<String, String> found = found();
    assertThat(found).hasSizeGreaterThan(20);
    if (Boolean.getBoolean("dependencies.update")) {
      var lines = new ArrayList<String>();
      lines.add(
          "# SHA-256 of every file that a hub runs with. See DependenciesTest in architecture.");
      found.forEach((name, hash) -> lines.add(hash + "  " + name));
      Files.write(LOCK, lines);
    }
    assertThat(found).isEqualTo(locked());
  }

  @Test
  void a_bill_of_materials_names_each_with_its_hash() throws Exception {
    var components = new ArrayList<String>();
    for (Map.Entry<String, String> each : found().entrySet()) {
      components.add(component(each.getKey(), each.getValue()));
    }
    Files.writeString(
        BILL,
        "{\n  \"bomFormat\": \"CycloneDX\",\n  \"specVersion\": \"1.6\",\n  \"version\": 1,\n"
            + "  \"metadata\": {\"component\": {\"type\": \"application\", \"name\": \"tutti\","
            + " \"version\": \"0.1.0\"}},\n  \"components\": [\n"
            + String.join(",\n", components)
            + "\n  ]\n}\n");
    assertThat(Files.readString(BILL))
        .contains("\"name\": \"vertx-core\"", "pkg:maven/", "\"alg\": \"SHA-256\"");
  }

  private static Map<String, String> locked() throws IOException {
    assertThat(LOCK).isRegularFile();
    var locked = new TreeMap<String, String>();
    for (String line : Files.readAllLines(LOCK)) {
      if (!line.startsWith("#") && !line.isBlank()) {
        String[] words = line.split("  ", 2);
        locked.put(words[1], words[0]);
      }
    }
    return locked;
  }

  private static Map<String, String> found() throws Exception {
    var found = new TreeMap<String, String>();
    for (Path jar : jars()) {
      found.put(jar.getFileName().toString(), sha256(jar));
    }
    return found;
  }

  private static List<Path> jars() throws IOException {
    try (Stream<Path> files = Files.list(LIBRARIES)) {
      return files
          .filter(file -> file.toString().endsWith(".jar"))
          .filter(file -> !file.toString().endsWith(OURS))
          .sorted()
          .toList();
    }
  }

  private static String sha256(Path file) throws IOException, GeneralSecurityException {
    var digest = MessageDigest.getInstance("SHA-256");
    try (InputStream in = Files.newInputStream(file)) {
      var bytes = new byte[1 << 16];
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        digest.update(bytes, 0, count);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static String component(String file, String hash) throws IOException {
    Matcher name = NAME.matcher(file);
    assertThat(name.matches()).as(file).isTrue();
    String group = group(LIBRARIES.resolve(file), name.group(1));
    String url =
        group.isEmpty()
            ? "pkg:maven/" + name.group(1) + "@" + name.group(2)
            : "pkg:maven/" + group + "/" + name.group(1) + "@" + name.group(2);
    return String.format(
        Locale.ROOT,
        "    {\"type\": \"library\", \"group\": \"%s\", \"name\": \"%s\", \"version\": \"%s\","
            + " \"purl\": \"%s\", \"hashes\": [{\"alg\": \"SHA-256\", \"content\": \"%s\"}]}",
        group,
        name.group(1),
        name.group(2),
        url,
        hash);
  }

  /// The group, where the file says it: Maven writes it into most.
  private static String group(Path file, String artifact) throws IOException {
    try (var jar = new JarFile(file.toFile())) {
      var entry =
          jar.stream()
              .filter(each -> each.getName().startsWith("META-INF/maven/"))
              .filter(each -> each.getName().endsWith("/" + artifact + "/pom.properties"))
              .findFirst();
      if (entry.isEmpty()) {
        return "";
      }
      var properties = new Properties();
      try (InputStream in = jar.getInputStream(entry.get())) {
        properties.load(in);
      }
      return properties.getProperty("groupId", "");
    }
  }
}
