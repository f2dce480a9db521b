package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.access.Key;
import dev.tutti.access.Rights;
import dev.tutti.access.Scope;
import dev.tutti.fleet.Health;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Who may call what: every endpoint is really called with every kind of key, and what comes back
/// is held against the table in `docs/access.md`. An endpoint without a row fails, and a row
/// without an endpoint; `-Dgolden.update=true` writes the table as things are, to be read before it
/// is kept.
class AccessMatrixTest {
  private static final Path DOCUMENT = Path.of("../docs/access.md");
  private static final String BEGIN = "<!-- table -->\n";
  private static final String END = "<!-- end -->";

  /// None at all, none of ours, one that was never made, one that was revoked, one that expired.
  private static final List<String> NO_GOOD_KEYS =
      List.of("", "ollama", "tutti_never_made", TestKeys.token("revoked"), TestKeys.token("old"));

  private final Rig rig =
      new Rig(Fleets.fleet(Fleets.backend("eve/ollama", Health.UP, Fleets.model("m", "d"))));

  private void needKeys() {
    var keys = new ArrayList<Key>();
    for (Scope scope : Scope.values()) {
      keys.add(TestKeys.key(scope.wireName(), Rights.of(Set.of(scope))));
    }
    keys.add(TestKeys.owner("revoked").revoked(Instant.EPOCH));
    Key good = TestKeys.owner("old");
    keys.add(
        new Key(
            good.id(),
            good.name(),
            good.sha256(),
            good.rights(),
            Optional.empty(),
            Instant.EPOCH,
            Optional.of(Instant.EPOCH.plusSeconds(1)),
            Optional.empty(),
            Optional.empty()));
    rig.needKeys(keys.toArray(Key[]::new));
  }

  @Test
  void every_endpoint_lets_in_whom_the_table_says_and_nobody_else() throws Exception {
    needKeys();
    var seen = new TreeMap<String, String>();
    for (Route route : rig.routes()) {
      var row = new StringBuilder("| `" + route.method() + " " + route.pattern() + "` |");
      Set<String> without = new java.util.TreeSet<>();
      for (String key : NO_GOOD_KEYS) {
        without.add(call(route, key));
      }
      assertThat(without).as("%s without a good key", route.pattern()).hasSize(1);
      row.append(' ').append(without.iterator().next()).append(" |");
      for (Scope scope : Scope.values()) {
        row.append(' ').append(call(route, TestKeys.token(scope.wireName()))).append(" |");
      }
      seen.put(route.pattern() + " " + route.method(), row.toString());
    }
    String table =
        "| endpoint | no good key | `infer` | `admin` | `tools` | `nodes` |\n"
            + "|---|---|---|---|---|---|\n"
            + String.join("\n", seen.values())
            + "\n";
    assertThat(table(table)).isEqualTo(table);
  }

  /// The table as it is kept.
  private static String table(String fresh) throws IOException {
    String document = Files.readString(DOCUMENT);
    int begin = document.indexOf(BEGIN) + BEGIN.length();
    int end = document.indexOf(END);
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(DOCUMENT, document.substring(0, begin) + fresh + document.substring(end));
      return fresh;
    }
    return document.substring(begin, end);
  }

  /// `yes` where the endpoint itself answers, whatever it says.
  private String call(Route route, String key) throws IOException {
    boolean login = route.pattern().equals("/login");
    String path = route.pattern().replaceAll("\\{[^}]*}", "x");
    // The way in is open to everybody; that who has no good key gets no further is told elsewhere.
    String body = login ? "key=" + TestKeys.token("infer") : "{";
    var request =
        rig.request(path)
            .header(
                "content-type", login ? "application/x-www-form-urlencoded" : "application/json")
            .method(route.method().name(), HttpRequest.BodyPublishers.ofString(body));
    if (!key.isEmpty()) {
      request.header("authorization", "Bearer " + key);
    }
    HttpResponse<InputStream> answer =
        Rig.await(rig.http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofInputStream()));
    try (InputStream _ = answer.body()) {
      return switch (answer.statusCode()) {
        case 401 -> "401";
        case 403 -> "403";
        default -> "yes";
      };
    }
  }

  @org.junit.jupiter.api.AfterEach
  void close() {
    rig.close();
  }
}
