#include "cluster/settings.hpp"

#include "experiment/experiment.hpp"
#include "unit/cluster/cluster_fixtures.hpp"

using namespace varia;
using namespace varia::cluster;
using namespace varia::cluster::testing;

namespace {

constexpr const char* kProfiles = R"(
default: campus
campus: {partition: cpu, account: physics, time: "1:00:00", setup: ["module load gcc"]}
long:
  partition: long
  time: 2-00:00:00
  cpus_per_task: 8
)";

struct Sources {
  TemporaryFolder folder;
  std::filesystem::path file = folder / "clusters.yaml";
  explicit Sources(const std::string& profiles) { write_text(file, profiles); }

  std::unique_ptr<const experiment::ClusterParams> read(const std::string& section,
                                                        const std::string& arguments) {
    const auto map = [](const std::string& text, const char* source) {
      return text.empty() ? Value::map() : experiment::read_yaml_text(text, source);
    };
    const Value given = map(section, "e.yaml");
    return read_settings(file, section.empty() ? nullptr : &given, map(arguments, "arguments"));
  }
  std::string error(const std::string& section, const std::string& arguments = "") {
    return message_of([&] { read(section, arguments); });
  }
};

}  // namespace

TEST_CASE("the command line wins over the experiment, and that over the profile") {
  Sources sources(kProfiles);
  const auto all = sources.read("{time: 90, trials_per_task: 4}", "{trials_per_task: 6}");
  CHECK(all->profile() == "campus");
  CHECK(all->partition() == "cpu");
  CHECK(all->account() == "physics");
  CHECK(all->setup() == std::vector<std::string>{"module load gcc"});
  CHECK(all->seconds() == 90 * 60);
  CHECK(all->trials_per_task() == 6);
}

TEST_CASE("a profile is chosen by the command line, the experiment, or the default") {
  Sources sources(kProfiles);
  CHECK(sources.read("", "")->profile() == "campus");
  CHECK(sources.read("{profile: long}", "")->cpus_per_task() == 8);
  CHECK(sources.read("{profile: long}", "{profile: campus}")->partition() == "cpu");
  CHECK_FALSE(sources.read("{profile: long}", "")->account.has_value());
  Sources no_default("campus: {partition: cpu}");
  CHECK_FALSE(no_default.read("", "")->profile.has_value());
  CHECK_FALSE(no_default.read("", "")->partition.has_value());
}

TEST_CASE("a file of comments alone has no profiles") {
  for (const auto* text : {"", "# campus: {partition: cpu}\n"})
    CHECK_FALSE(Sources(text).read("", "")->profile.has_value());
}

TEST_CASE("without a file there are no profiles, and defaults hold") {
  const auto settings = read_settings("/nonexistent/clusters.yaml", nullptr, Value::map());
  CHECK_FALSE(settings->profile.has_value());
  CHECK(settings->cpus_per_task() == 1);
  CHECK(settings->signal_before() == 120);
  CHECK(settings->seconds() == 0);
}

TEST_CASE("what is wrong in a profile, or in its name, is said with its place") {
  Sources sources(kProfiles);
  CHECK(contains(sources.error("{profile: lonk}"),
                 "e.yaml:1:11: 'lonk' is not a profile of " + sources.file.string() +
                     ". Did you mean 'long'? Known: campus, long."));
  CHECK(contains(Sources("a: {partion: x}").error(""), "clusters.yaml:1:5: profile a: "));
  CHECK(contains(Sources("a: {partion: x}").error(""), "Did you mean 'partition'?"));
  CHECK(contains(Sources("a: {profile: b}").error(""), "cannot name another one"));
  CHECK(contains(Sources("[a]").error(""), "expected a map of profiles"));
  CHECK(contains(Sources("default: {a: b}").error(""), "expected the name of a profile"));
  CHECK(contains(Sources("default: b").error(""), "clusters.yaml:1:10: there is no profile 'b'"));
}

TEST_CASE("an experiment's cluster section is checked whenever it is read") {
  const auto error = [](const std::string& section) {
    return message_of(
        [&] { experiment::read_experiment_text("model: mlp_vae\ncluster: " + section, "e.yaml"); });
  };
  CHECK(error("{partition: cpu, time: \"4:00:00\", memory: 4G}").empty());
  CHECK(contains(error("{partitoin: cpu}"), "e.yaml:2:11: cluster: "));
  CHECK(contains(error("{partitoin: cpu}"), "Did you mean 'partition'?"));
  CHECK(contains(error("{time: soon}"), "cluster: time: expected minutes"));
  CHECK(contains(error("{memory: much}"), "cluster: memory: expected a number of MB"));
  CHECK(contains(error("{extra: [\"--output=x\"]}"), "'--output=x' is set by varia submit"));
  CHECK(contains(error("{extra: [\"--cpus-per-task=8\"]}"), "is set by varia submit"));
  CHECK(contains(error("{extra: [\"--no-requeue\"]}"), "is set by varia submit"));
  CHECK(contains(error("{extra: [\"--time=10\"]}"),
                 "has a key of its own beside 'extra': give it as 'time'"));
  CHECK(contains(error("{merge: {extra: [\"--mem=4G\"]}}"), "give it as 'memory'"));
  CHECK(contains(error("{extra: [qos]}"), "expected long options of sbatch"));
  CHECK(contains(error("{extra: [\"--Qos=x\"]}"), "expected long options of sbatch"));
  CHECK(contains(error("{extra: [\"--qos!\"]}"), "expected long options of sbatch"));
  CHECK(
      error("{extra: [\"--" + std::string(500'000, 'a') + "=" + std::string(500'000, 'x') + "\"]}")
          .empty());
  CHECK(contains(error("{setup: [\"a\\nb\"]}"), "one line each"));
  CHECK(contains(error("{partition: \"\"}"), "not an empty one"));
}

TEST_CASE("wall times are read as Slurm writes them") {
  const auto seconds = [](const std::string& time) {
    return settings_of("{signal_before: 10, time: \"" + time + "\"}")->seconds();
  };
  CHECK(seconds("5") == 300);
  CHECK(seconds("5:30") == 330);
  CHECK(seconds("4:00:00") == 14'400);
  CHECK(seconds("1-12") == 129'600);
  CHECK(seconds("1-12:30") == 131'400);
  CHECK(seconds("1-12:30:15") == 131'415);
}

TEST_CASE("a wall time that ends before its signal is refused") {
  CHECK(contains(message_of([] { settings_of("{time: 2}"); }),
                 "e.yaml:1:8: cluster: time: of its 120 seconds, signal_before leaves none"));
  CHECK(settings_of("{time: 2, signal_before: 60}")->seconds() == 120);
}

TEST_CASE("the profiles lie where the XDG specification says") {
  setenv("XDG_CONFIG_HOME", "/etc/mine", 1);
  CHECK(profiles_path() == "/etc/mine/varia/clusters.yaml");
  setenv("HOME", "/home/me", 1);
  setenv("XDG_CONFIG_HOME", "relative/ones/are/ignored", 1);
  CHECK(profiles_path() == "/home/me/.config/varia/clusters.yaml");
  unsetenv("XDG_CONFIG_HOME");
  CHECK(profiles_path() == "/home/me/.config/varia/clusters.yaml");
}
