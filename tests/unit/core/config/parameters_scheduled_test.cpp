#include <stdexcept>

#include "fixtures.hpp"
#include "support/catch.hpp"
#include "varia/host/host_key.hpp"

using namespace varia;
using namespace varia::test;

namespace {
struct Params final : ParamSet {
  Scheduled beta{this, "beta", 1.0, {0, 10}, "Weight."};
  Scheduled gamma{this, "gamma", kUnset, {0, 10}, "Weight."};
  Scheduled free{this, "free", 0.0, {}, "Any number."};
  ScheduledMap capacity{this, "capacity", {0, 100}, "Capacities in nats."};
};

Value linear(const char* from, const char* to) {
  return map_of(
      {{"use", plain("linear")}, {"from", plain(from)}, {"to", plain(to)}, {"epochs", plain("2")}});
}

struct Loaded {
  Registry registry;
  Params params;
  explicit Loaded(const Value& map) {
    fill(registry);
    LoadContext context;
    context.registry = &registry;
    context.subject = "loss elbo";
    params.load(map, context);
  }
};

std::string refused(const Value& map) {
  return message_of([&] { Loaded{map}; });
}
}  // namespace

TEST_CASE("a scheduled number without a schedule is a constant") {
  const Loaded loaded(map_of({{"beta", plain("4")}}));
  CHECK(loaded.params.beta() == 4);
  CHECK(loaded.params.beta.is_constant());
  CHECK_FALSE(loaded.params.beta.depends_on_run_length());
  CHECK_FALSE(loaded.params.gamma.has_value());
  CHECK(loaded.params.resolved().canonical() == R"({"beta": 4, "free": 0})");
}

TEST_CASE("a constant stays what it is when it is advanced") {
  Loaded loaded(map_of({{"beta", plain("4")}}));
  loaded.params.beta.advance(HostKey{}, {100, 10}, {10, 1000});
  CHECK(loaded.params.beta() == 4);
}

TEST_CASE("a schedule changes the number before each step") {
  Loaded loaded(map_of({{"beta", linear("1", "5")}}));
  const Horizon horizon{10, 1000};
  CHECK_FALSE(loaded.params.beta.is_constant());
  CHECK(loaded.params.beta() == 1);
  loaded.params.beta.advance(HostKey{}, {5, 0.5}, horizon);
  CHECK(loaded.params.beta() == 2);
  loaded.params.beta.advance(HostKey{}, {20, 2}, horizon);
  CHECK(loaded.params.beta() == 5);
  loaded.params.beta.advance(HostKey{}, {0, 0}, horizon);
  CHECK(loaded.params.beta() == 1);
}

TEST_CASE("a schedule is resolved with all of its parameters") {
  const Loaded loaded(map_of({{"beta", map_of({{"use", plain("linear")}, {"to", plain("4.0")}})}}));
  CHECK(loaded.params.resolved().find("beta")->canonical() ==
        R"({"from": 0, "to": 4, "use": "linear"})");
  CHECK(loaded.params.beta.depends_on_run_length());
  const Loaded in_epochs(map_of({{"beta", linear("0", "4")}}));
  CHECK_FALSE(in_epochs.params.beta.depends_on_run_length());
}

TEST_CASE("a schedule that leaves the range of its number is rejected with both ranges") {
  CHECK(refused(map_of({{"beta", linear("0", "11")}})) ==
        "a.yaml:2:1: loss elbo: beta: expected a real number in [0, 10], but the schedule linear "
        "goes from 0 to 11");
  CHECK(refused(map_of({{"beta", linear("5", "-1")}})) ==
        "a.yaml:2:1: loss elbo: beta: expected a real number in [0, 10], but the schedule linear "
        "goes from -1 to 5");
  CHECK(refused(map_of({{"beta", linear("0", "10")}})).empty());
  CHECK(refused(map_of({{"free", linear("-1e9", "1e9")}})).empty());
}

TEST_CASE("a value that is neither a number nor a schedule is rejected with an example") {
  const std::string expected =
      "loss elbo: beta: expected a real number or a schedule such as {use: linear, from: 0, to: 1, "
      "epochs: 10}, found ";
  CHECK(refused(map_of({{"beta", plain("linear")}})) == "a.yaml:3:9: " + expected + "'linear'");
  CHECK(refused(map_of({{"beta", map_of({{"from", plain("1")}})}})) ==
        "a.yaml:2:1: " + expected + "a map");
  CHECK(refused(map_of({{"beta", map_of({{"use", list_of({"linear"})}})}})) ==
        "a.yaml:2:1: " + expected + "a map");
  CHECK(refused(map_of({{"beta", plain("11")}})) ==
        "a.yaml:3:9: loss elbo: beta: expected a real number in [0, 10], found 11");
  CHECK(refused(map_of({{"beta", plain(".nan")}})) ==
        "a.yaml:3:9: loss elbo: beta: expected a real number, found .nan");
}

TEST_CASE("an unknown schedule names the nearest") {
  CHECK(refused(map_of({{"beta", map_of({{"use", plain("liner")}})}})) ==
        "a.yaml:3:9: loss elbo: beta: 'liner' is not a known schedule. Did you mean 'linear'? "
        "Known: linear.");
}

TEST_CASE("a wrong parameter of a schedule names the way to it") {
  CHECK(refused(map_of({{"beta", linear("a", "1")}})) ==
        "a.yaml:3:9: loss elbo: beta linear: from: expected a real number, found 'a'");
  CHECK(refused(map_of({{"beta", map_of({{"use", plain("linear")}, {"form", plain("1")}})}})) ==
        "a.yaml:3:5: loss elbo: beta linear: 'form' is not a parameter. Did you mean 'from'? "
        "Known: epochs, from, to.");
}

TEST_CASE("a map of scheduled numbers is keyed by block and sorted") {
  Loaded loaded(map_of({{"capacity", map_of({{"z", plain("25")}, {"c", linear("0", "5")}})}}));
  auto& capacity = loaded.params.capacity;
  REQUIRE(capacity().size() == 2);
  CHECK(capacity()[0]->name() == "c");
  CHECK(capacity()[1]->name() == "z");
  REQUIRE(capacity.find("z") != nullptr);
  CHECK((*capacity.find("z"))() == 25);
  CHECK(capacity.find("y") == nullptr);
  CHECK(loaded.params.resolved().find("capacity")->canonical() ==
        R"({"c": {"epochs": 2, "from": 0, "to": 5, "use": "linear"}, "z": 25})");
}

TEST_CASE("a map of scheduled numbers rejects bad numbers and bad names") {
  CHECK(refused(map_of({{"capacity", map_of({{"z", plain("101")}})}})) ==
        "a.yaml:3:9: loss elbo: capacity: z: expected a real number in [0, 100], found 101");
  CHECK(refused(map_of({{"capacity", plain("5")}})) ==
        "a.yaml:3:9: loss elbo: capacity: expected a map from the names of blocks to numbers, "
        "found 5");
  CHECK(refused(map_of({{"capacity", map_of({{"../z", plain("5")}})}})) ==
        "a.yaml:3:5: loss elbo: capacity: '../z' is not the name of a block: expected lower case "
        "letters, digits and _");
}

TEST_CASE("a schedule without a registry is a programming error") {
  Params params;
  CHECK_THROWS_AS(params.load(map_of({{"beta", linear("0", "1")}}), {}), std::logic_error);
}
