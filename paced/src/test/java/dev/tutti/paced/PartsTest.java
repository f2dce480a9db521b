package dev.tutti.paced;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tutti.core.Bytes;
import dev.tutti.core.ModelName;
import dev.tutti.core.SimulatedTime;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

final class PartsTest {
  private static final ModelName A = new ModelName("a");
  private static final ModelName B = new ModelName("b");
  private static final ModelName C = new ModelName("c");

  @Test
  void the_model_that_was_idle_longest_makes_room_and_one_in_use_never_does() {
    var time = new SimulatedTime();
    var residents = new Residents(time, 2, Duration.ofSeconds(1));
    for (ModelName model : List.of(A, B)) {
      residents.acquire(model, 4096);
      time.advance(Duration.ofSeconds(2));
    }
    residents.release(A, Residents.FOREVER);
    time.advance(Duration.ofSeconds(1));
    residents.release(B, Residents.FOREVER);
    residents.acquire(A, 4096);
    residents.acquire(C, 4096);
    assertThat(residents.isReady(C)).isFalse();
    time.advance(Duration.ofSeconds(1));
    assertThat(residents.list()).extracting(Residents.Resident::model).containsOnly(A, C);
  }

  @Test
  void an_idle_model_is_dropped_when_its_time_to_stay_ends_and_not_before() {
    var time = new SimulatedTime();
    var residents = new Residents(time, 2, Duration.ZERO);
    residents.acquire(A, 4096);
    time.advance(Duration.ofHours(1));
    residents.release(A, Duration.ofMinutes(5));
    time.advance(Duration.ofMinutes(5).minusNanos(1));
    assertThat(residents.list().getFirst().expiresAt()).isEqualTo(time.now().plusNanos(1));
    time.advance(Duration.ofNanos(1));
    assertThat(residents.list()).isEmpty();
  }

  @Test
  void another_context_length_loads_again_and_keep_alive_of_zero_drops_at_once() {
    var time = new SimulatedTime();
    var residents = new Residents(time, 2, Duration.ofSeconds(4));
    residents.acquire(A, 4096);
    residents.release(A, Residents.FOREVER);
    time.advance(Duration.ofSeconds(4));
    assertThat(residents.acquire(A, 4096) - time.nanos()).isLessThanOrEqualTo(0);
    residents.release(A, Residents.FOREVER);
    assertThat(residents.acquire(A, 8192) - time.nanos()).isEqualTo(4_000_000_000L);
    residents.release(A, Duration.ZERO);
    assertThat(residents.isReady(A)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "llama3.1:8b, llama3.1:8b, CHAT",
    "sim/words:embed, sim/words, EMBED",
    "deep:7b:think, deep:7b, CHAT THINK",
    "both:embed:chat:vision, both, EMBED CHAT VISION",
    "big=64.5, big, CHAT"
  })
  void a_models_roles_are_read_from_the_end_of_its_name(String text, String name, String roles) {
    PacedModel model = PacedModel.parse(text);
    assertThat(model.name()).isEqualTo(new ModelName(name));
    assertThat(model.roles()).extracting(Enum::name).containsOnly(roles.split(" ", -1));
    if (text.contains("=")) {
      assertThat(model.size()).isEqualTo(Bytes.ofGibi(64.5));
    }
  }

  @ParameterizedTest
  @EnumSource
  void every_fault_is_read_back_from_its_own_name(Fault.Kind kind) {
    assertThat(Fault.parse(kind.text() + "=7")).isEqualTo(new Fault(kind, 7));
  }

  @ParameterizedTest
  @ValueSource(strings = {"cut", "cut-after=x", "cut-after=-1", "", "hang=99999999999"})
  void what_is_no_fault_is_refused(String text) {
    assertThatThrownBy(() -> Fault.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(expected: ");
  }

  @Test
  void ordered_faults_hit_so_many_requests_of_their_sort() {
    var plan = new FaultPlan();
    Fault hang = Fault.parse("hang");
    plan.order(hang, 2, Set.of(FaultPlan.Target.WORK));
    assertThat(plan.next(FaultPlan.Target.PROBE)).isEqualTo(Fault.NONE);
    assertThat(plan.next(FaultPlan.Target.WORK)).isEqualTo(hang);
    assertThat(plan.next(FaultPlan.Target.WORK)).isEqualTo(hang);
    assertThat(plan.next(FaultPlan.Target.WORK)).isEqualTo(Fault.NONE);
    plan.order(hang, FaultPlan.UNLIMITED, Set.of(FaultPlan.Target.PROBE));
    for (int i = 0; i < 100; i++) {
      assertThat(plan.next(FaultPlan.Target.PROBE)).isEqualTo(hang);
    }
  }

  @Test
  void vectors_have_length_one_are_repeatable_and_near_when_words_are_shared() {
    float[] cats = Vectors.of("Cats sleep on the warm roof", 256);
    float[] alike = Vectors.of("cats sleep on the cold roof!", 256);
    float[] other = Vectors.of("quarterly revenue grew by ten percent", 256);
    assertThat(dot(cats, cats)).isCloseTo(1, within(1e-5));
    assertThat(Vectors.of("Cats sleep on the warm roof", 256)).isEqualTo(cats);
    assertThat(dot(cats, alike)).isGreaterThan(0.7);
    assertThat(Math.abs(dot(cats, other))).isLessThan(0.4);
    assertThat(dot(Vectors.of("", 8), Vectors.of("", 8))).isCloseTo(1, within(1e-5));
    var bytes = ByteBuffer.wrap(Base64.getDecoder().decode(Vectors.base64(cats)));
    assertThat(bytes.remaining()).isEqualTo(256 * 4);
    assertThat(bytes.order(ByteOrder.LITTLE_ENDIAN).getFloat()).isEqualTo(cats[0]);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'type':'object','properties':{'city':{'type':'string'},'x':{'type':'integer'}},"
            + "'required':['city']} | {'city':'Paris'}",
        "{'type':'object','properties':{'u':{'enum':['c','f']},'n':{'type':'number','minimum':2}}}"
            + " | {'u':'c','n':2.0}",
        "{'type':'array','items':{'type':['boolean','null']}} | [true]",
        "{'$ref':'#/$defs/p','$defs':{'p':{'const':4}}} | 4",
        "{'anyOf':[{'type':'null'},{'type':'string'}]} | null"
      })
  void a_schema_is_filled_with_plausible_values(String schema, String expected) {
    var json = JsonMapper.shared();
    assertThat(SampleJson.of(json.readTree(schema.replace('\'', '"'))).toString())
        .isEqualTo(expected.replace('\'', '"'));
  }

  @Test
  void a_schema_that_contains_itself_ends() {
    String loop = "{\"$ref\":\"#/d\",\"d\":{\"type\":\"array\",\"items\":{\"$ref\":\"#/d\"}}}";
    String sample = SampleJson.of(JsonMapper.shared().readTree(loop)).toString();
    assertThat(sample).contains("[[null]]").hasSizeLessThan(64);
  }

  @ParameterizedTest
  @CsvSource({"5m, 300000", "1h30m, 5400000", "250ms, 250", "1.5s, 1500", "0, 0", "0s, 0"})
  void a_go_duration_is_understood(String text, long millis) {
    var node = JsonNodeFactory.instance.stringNode(text);
    assertThat(OllamaApi.keepAlive(node)).isEqualTo(Duration.ofMillis(millis));
  }

  @Test
  void negative_means_for_ever_and_absent_means_five_minutes() {
    var make = JsonNodeFactory.instance;
    assertThat(OllamaApi.keepAlive(make.numberNode(-1))).isEqualTo(Residents.FOREVER);
    assertThat(OllamaApi.keepAlive(make.stringNode("-1m"))).isEqualTo(Residents.FOREVER);
    assertThat(OllamaApi.keepAlive(make.missingNode())).isEqualTo(Duration.ofMinutes(5));
    assertThat(OllamaApi.keepAlive(make.numberNode(90))).isEqualTo(Duration.ofSeconds(90));
  }

  private static double dot(float[] left, float[] right) {
    double sum = 0;
    for (int i = 0; i < left.length; i++) {
      sum += (double) left[i] * right[i];
    }
    return sum;
  }
}
