package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.testkit.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class JsonTest {
  static Stream<Arguments> malformed() {
    return Stream.of(
        Arguments.of("nothing", new byte[0]),
        Arguments.of("blanks", ascii("  \n")),
        Arguments.of("half an object", ascii("{\"a\":")),
        Arguments.of("half a string", ascii("{\"a\":\"secret")),
        Arguments.of("a bare word", ascii("secret")),
        Arguments.of("something after it", ascii("{} {}")),
        Arguments.of("a trailing comma", ascii("{\"a\":1,}")),
        Arguments.of("a comment", ascii("{/*secret*/}")),
        Arguments.of("single quotes", ascii("{'a':1}")),
        Arguments.of("NaN", ascii("{\"a\":NaN}")),
        Arguments.of("a key twice", ascii("{\"secret\":1,\"secret\":2}")),
        Arguments.of("a key twice inside", ascii("{\"b\":[{\"secret\":1,\"secret\":2}]}")),
        Arguments.of("a raw control character", new byte[] {'"', 1, '"'}),
        Arguments.of("a bad escape", ascii("\"\\x\"")),
        Arguments.of("not UTF-8", new byte[] {'"', (byte) 0xFF, '"'}),
        Arguments.of("an overlong slash", new byte[] {'"', (byte) 0xC0, (byte) 0xAF, '"'}),
        Arguments.of("half a sequence", new byte[] {'"', (byte) 0xE2, (byte) 0x82, '"'}),
        Arguments.of(
            "a surrogate in UTF-8", new byte[] {'"', (byte) 0xED, (byte) 0xA0, (byte) 0x80, '"'}),
        Arguments.of("UTF-16", "{\"a\":1}".getBytes(StandardCharsets.UTF_16LE)),
        Arguments.of("UTF-16 with a mark", "{\"a\":1}".getBytes(StandardCharsets.UTF_16)),
        Arguments.of("100 000 open arrays", ascii("[".repeat(100_000))),
        Arguments.of(
            "100 000 objects", ascii("{\"a\":".repeat(100_000) + "1" + "}".repeat(100_000))),
        Arguments.of("501 levels", ascii("[".repeat(501) + "]".repeat(501))),
        Arguments.of("a number of 1001 digits", ascii("1".repeat(1001))),
        Arguments.of("a name that is too long", ascii("{\"" + "a".repeat(10_001) + "\":1}")),
        Arguments.of("too many tokens", ascii("[" + "0,".repeat(Json.MAX_TOKENS) + "0]")));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void malformed(String what, byte[] body) {
    var thrown = catchThrowableOfType(MeshException.class, () -> Json.read(body));
    assertThat(thrown).as(what).isNotNull();
    assertThat(thrown.failure().code()).isEqualTo(FailureCode.INVALID_REQUEST);
    assertThat(thrown.failure().message())
        .startsWith("body: ")
        .contains("(expected: ")
        .doesNotContain("secret");
  }

  @Test
  void what_is_just_within_the_limits_is_read() {
    assertThat(Json.read(ascii("[".repeat(500) + "]".repeat(500))).isArray()).isTrue();
    assertThat(Json.read(ascii("9".repeat(1000))).isNumber()).isTrue();
  }

  @Seeds(300)
  void text_written_without_a_tree_is_read_back_the_same(RandomGenerator random) {
    var text = new StringBuilder();
    for (int i = random.nextInt(40); i > 0; i--) {
      switch (random.nextInt(5)) {
        case 0 -> text.append((char) random.nextInt(0x20));
        case 1 -> text.append((char) random.nextInt(0x80));
        case 2 -> text.append((char) random.nextInt(0x800));
        case 3 -> text.append((char) random.nextInt(0xE000, 0x10000));
        default -> text.appendCodePoint(random.nextInt(0x10000, 0x110000));
      }
    }
    byte[] written = new Utf8Buffer().json(text.toString()).toBytes();
    assertThat(Json.read(written).stringValue()).isEqualTo(text.toString());
  }

  @Test
  void half_a_surrogate_pair_is_written_as_a_replacement() {
    assertThat(new Utf8Buffer().json("a\uD83Db\uDE00").toBytes())
        .isEqualTo("\"a\uFFFDb\uFFFD\"".getBytes(StandardCharsets.UTF_8));
  }
}
