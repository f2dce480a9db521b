package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.access.Globs;
import dev.tutti.access.KeyWish;
import dev.tutti.access.PeerAddress;
import dev.tutti.access.Quota;
import dev.tutti.access.Rights;
import dev.tutti.access.Scope;
import dev.tutti.access.Tier;
import dev.tutti.fleet.Health;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyEndpointsTest {
  private final Rig rig =
      new Rig(Fleets.fleet(Fleets.backend("eve/ollama", Health.UP, Fleets.model("m", "d"))));

  @AfterEach
  void close() {
    rig.close();
  }

  @Test
  void everything_that_is_wished_for_is_understood_and_the_key_is_shown_once() {
    HttpResponse<String> made =
        rig.post(
            "/mesh/v1/keys",
            """
            {"name":"phone","scopes":["infer","nodes"],"models":["llama*"],"nodes":"trusted",
             "rpm":10,"tpm":2000,"concurrent":3,"budget_eur":1.5,"priority_max":4,
             "privacy":"local","weight":2,"address":"192.168.1.7",
             "expires_at":"2030-01-31T00:00:00Z"}
            """);
    assertThat(made.statusCode()).isEqualTo(200);
    assertThat(made.body()).contains("\"token\":\"" + TestKeys.token("new") + "\"");
    assertThat(made.headers().firstValue("cache-control")).contains("no-store");
    assertThat(rig.keyAdmin.wishes)
        .containsExactly(
            new KeyWish(
                "phone",
                new Rights(
                    Set.of(Scope.INFER, Scope.NODES),
                    new Globs(List.of("llama*")),
                    Tier.TRUSTED,
                    new Quota(10, 2_000, 3, 150),
                    4,
                    true,
                    2),
                PeerAddress.of("192.168.1.7"),
                Optional.of(Instant.parse("2030-01-31T00:00:00Z"))));
  }

  @Test
  void no_document_holds_what_stands_for_a_key() {
    for (String path : List.of("/mesh/v1/keys", "/mesh/v1/keys/ann")) {
      assertThat(rig.get(path).body())
          .contains("\"name\":\"ann\"")
          .doesNotContain("token")
          .doesNotContain(TestKeys.owner("ann").sha256());
    }
    assertThat(rig.get("/mesh/v1/keys/bob").statusCode()).isEqualTo(404);
    assertThat(rig.send(rig.request("/mesh/v1/keys/ann").DELETE()).body())
        .contains("\"state\":\"revoked\"");
    assertThat(rig.send(rig.request("/mesh/v1/keys/bob").DELETE()).statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"scopes\":[\"infer\"]}; name:",
        "{\"name\":\"a\",\"scopes\":[\"root\"]}; scopes:",
        "{\"name\":\"a\",\"scopes\":\"infer\"}; scopes:",
        "{\"name\":\"a\",\"scopes\":[\"infer\"],\"models\":[\"\"]}; models:",
        "{\"name\":\"a\",\"scopes\":[\"infer\"],\"nodes\":\"any\"}; nodes:",
        "{\"name\":\"a\",\"scopes\":[\"infer\"],\"rpm\":-1}; rpm:",
        "{\"name\":\"a\",\"scopes\":[\"infer\"],\"budget_eur\":-2}; budget_eur:",
        "{\"name\":\"a\",\"scopes\":[\"infer\"],\"priority_max\":10}; priority_max:",
        "{\"name\":\"a\",\"scopes\":[\"infer\"],\"privacy\":\"none\"}; privacy:",
        "{\"name\":\"a\",\"scopes\":[\"infer\"],\"weight\":0}; weight:",
        "{\"name\":\"a\",\"scopes\":[\"infer\"],\"address\":\"example.com\"}; address:",
        "{\"name\":\"a\",\"scopes\":[\"infer\"],\"expires_at\":\"soon\"}; expires_at:",
      })
  void what_cannot_be_meant_is_named(String body, String field) {
    HttpResponse<String> answer = rig.post("/mesh/v1/keys", body);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains(field).contains("(expected: ");
    assertThat(rig.keyAdmin.wishes).isEmpty();
  }
}
