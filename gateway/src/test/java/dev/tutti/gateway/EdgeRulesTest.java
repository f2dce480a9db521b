package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EdgeRulesTest {
  @ParameterizedTest
  @CsvSource({
    "localhost:8765, , true",
    "127.0.0.1:8765, , true",
    "[::1]:8765, , true",
    "192.168.1.5:8765, , true",
    "bob.local:8765, , true",
    "bob, , true",
    "ai.example:8765, , true",
    "AI.example, , true",
    "not.ai.example, , false",
    "evil.example:8765, , false",
    "127.0.0.1.evil.example, , false",
    "localhost:8765, http://localhost:3000, true",
    "localhost:8765, http://127.0.0.1:3000, true",
    "bob.local:8765, http://bob.local:8765, true",
    "bob.local:8765, http://bob.local:9999, false",
    "localhost:8765, https://evil.example, false",
    "localhost:8765, http://localhost.evil.example, false",
    "localhost:8765, null, false",
    "localhost:8765, app://obsidian.md, true",
    "localhost:8765, vscode-webview://abc, true",
    "localhost:8765, http://%, false",
    ", , true",
  })
  void a_page_from_elsewhere_is_kept_out(String host, String origin, boolean passes) {
    boolean ours = host == null || BrowserGuard.isOurs(host, Set.of("ai.example"));
    assertThat(ours && (origin == null || BrowserGuard.originIsAtHome(origin, host)))
        .isEqualTo(passes);
  }

  @Test
  void a_header_value_is_one_line_of_printable_ascii() {
    assertThat(AnswerHeaders.fit("a\r\nset-cookie: x\u0000é\u007f"))
        .isEqualTo("a??set-cookie: x???");
    assertThat(AnswerHeaders.fit("x".repeat(5_000))).hasSize(AnswerHeaders.MAX_CHARS);
  }

  @Test
  void surfaces_follow_the_path() {
    assertThat(Surface.of("/v1/chat/completions", false)).isEqualTo(Surface.OPENAI);
    assertThat(Surface.of("/api/tags", false)).isEqualTo(Surface.OLLAMA);
    assertThat(Surface.of("/", false)).isEqualTo(Surface.OLLAMA);
    assertThat(Surface.of("/mesh/v1/nodes", false)).isEqualTo(Surface.MESH);
    assertThat(Surface.of("/v12", false)).isEqualTo(Surface.MESH);
  }

  @Test
  void the_budget_gives_no_more_than_it_has() {
    var budget = new BodyBudget(10);
    assertThat(budget.take(6)).isTrue();
    assertThat(budget.take(5)).isFalse();
    assertThat(budget.heldBytes()).isEqualTo(6);
    budget.giveBack(6);
    assertThat(budget.take(10)).isTrue();
  }

  @Test
  void a_name_in_the_page_cannot_become_markup() {
    var hub =
        new HubFacts(
            "id",
            "<script>",
            "1",
            java.time.Duration.ofSeconds(30),
            false,
            java.time.Instant.EPOCH,
            () -> true,
            8766);
    var page = new String(StartPage.of(hub, false), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(page).contains("&lt;script&gt;").doesNotContain("<script").doesNotContain("SIMUL");
  }
}
