package dev.tutti.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.BackendId;
import dev.tutti.core.NodeId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OutsideTest {
  @ParameterizedTest(name = "{0} is public: {1}")
  @CsvSource({
    "127.0.0.1, false",
    "10.1.2.3, false",
    "192.168.1.20, false",
    "192.169.1.20, true",
    "172.15.0.1, true",
    "172.16.0.1, false",
    "172.31.255.1, false",
    "172.32.0.1, true",
    "169.254.7.7, false",
    "100.64.0.9, false",
    "100.127.0.9, false",
    "100.128.0.9, true",
    "8.8.8.8, true",
    "localhost, false",
    "maestro, false",
    "Maestro.Local, false",
    "nas.home.arpa, false",
    "box.tail1234.ts.net, false",
    "api.openai.com, true",
    "ollama.example.org, true",
    "::1, false",
    "fe80::1, false",
    "fd12:3456::1, false",
    "2001:4860:4860::8888, true",
    "::ffff:192.168.1.2, false",
    "::ffff:8.8.8.8, true",
  })
  void a_host_is_public_when_anybody_in_the_world_could_have_it(String host, boolean expected) {
    assertThat(Outside.isPublic(host)).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0} leads to {1}")
  @CsvSource({
    "http://bob, bob",
    "http://bob:11434, bob",
    "https://api.openai.com/base, api.openai.com",
    "https://[2001:db8::1]:8443/v1, 2001:db8::1",
    "http://192.168.1.2:80/, 192.168.1.2",
  })
  void the_host_of_a_url_is_found(String url, String expected) {
    assertThat(Outside.hostOf(url)).isEqualTo(expected);
  }

  @Test
  void an_engine_behind_an_agent_is_where_the_agent_is() {
    assertThat(Outside.is(backend("http://api.example.com", Way.AGENT, BackendKind.OPENAI)))
        .isFalse();
    assertThat(Outside.is(backend("http://api.example.com", Way.DIRECT, BackendKind.OPENAI)))
        .isTrue();
  }

  @Test
  void a_server_of_anthropics_api_is_outside_wherever_it_listens() {
    assertThat(Outside.is(backend("http://127.0.0.1:9000", Way.DIRECT, BackendKind.ANTHROPIC)))
        .isTrue();
    assertThat(Outside.is(backend("http://127.0.0.1:9000", Way.DIRECT, BackendKind.OLLAMA)))
        .isFalse();
  }

  private static BackendView backend(String url, Way way, BackendKind kind) {
    return new BackendView(
        new BackendId("x"),
        new NodeId("x"),
        url,
        way,
        new BackendFacts(kind, "", 0, List.of(), false),
        Health.UP,
        1,
        false,
        false,
        "");
  }
}
