package dev.tutti.backends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.core.MeshException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EngineAddressTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http://bob:11434            | http://bob:11434       | 11434",
        "HTTP://BOB:11434/           | http://bob:11434       | 11434",
        "http://bob                  | http://bob             | 80",
        "https://bob/v1/             | https://bob            | 443",
        "http://bob:8000/v1          | http://bob:8000        | 8000",
        "http://bob:8000/llm/v1      | http://bob:8000/llm    | 8000",
        "http://[::1]:8080           | http://[::1]:8080      | 8080",
        "http://192.168.1.5:1234,name=x | http://192.168.1.5:1234 | 1234",
      })
  void a_url_is_read(String text, String url, int port) {
    var address = EngineAddress.parse(text);
    assertThat(address.url()).isEqualTo(url);
    assertThat(address.port()).isEqualTo(port);
  }

  @Test
  void slots_and_name_follow_the_url_in_any_order() {
    var address = EngineAddress.parse("http://[::1]:8080, name=big one,slots=4");
    assertThat(address.slots()).hasValue(4);
    assertThat(address.name()).hasValue("big one");
    assertThat(address.host()).isEqualTo("::1");
    assertThat(address.authority()).isEqualTo("[::1]:8080");
    assertThat(address.secure()).isFalse();
  }

  @Test
  void nothing_is_said_where_the_owner_says_nothing() {
    var address = EngineAddress.parse("https://bob");
    assertThat(address.slots()).isEmpty();
    assertThat(address.name()).isEmpty();
    assertThat(address.secure()).isTrue();
    assertThat(EngineAddress.loopback(5).url()).isEqualTo("http://127.0.0.1:5");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bob",
        "bob:11434",
        "ftp://bob",
        "http://",
        "http://bob:0",
        "http://bob:65536",
        "http://bob:8080?x=1",
        "http://bob:8080#x",
        "http://b ob",
        "http://bob,slots=0",
        "http://bob,slots=1025",
        "http://bob,slots=x",
        "http://bob,slots=",
        "http://bob,name=",
        "http://bob,colour=red",
        "http://bob,",
      })
  void anything_else_is_refused_with_what_is_expected(String text) {
    assertThatThrownBy(() -> EngineAddress.parse(text))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("expected: ");
  }

  @Test
  void a_password_is_refused_and_not_repeated() {
    assertThatThrownBy(() -> EngineAddress.parse("http://me:hush@bob:1"))
        .isInstanceOf(MeshException.class)
        .hasMessageNotContaining("hush");
  }

  @Test
  void an_endless_text_is_refused() {
    assertThatThrownBy(() -> EngineAddress.parse("http://" + "a".repeat(3_000)))
        .isInstanceOf(MeshException.class)
        .hasMessageContaining("3007 characters");
  }
}
