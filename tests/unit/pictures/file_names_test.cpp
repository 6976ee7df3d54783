#include "pictures/file_names.hpp"

#include <algorithm>
#include <set>

#include "results/merged/results.hpp"
#include "support/catch.hpp"
#include "unit/results/results_fixtures.hpp"

namespace varia::pictures {

namespace {

using namespace results;

/// The names of trials with these swept parameters; ids are "a0", "a1", ...
std::vector<std::string> names_of(const std::vector<std::vector<Parameter>>& trials,
                                  std::vector<std::int64_t> replicates = {}) {
  const TemporaryFolder folder;
  std::vector<PlannedTrial> plan;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    auto header = header_of("a" + std::to_string(i));
    header.parameters = trials[i];
    header.replicate = replicates.empty() ? 0 : replicates[i];
    plan.push_back({header.id, folder / (header.id + ".h5")});
    write_trial(plan.back().path, header, 1);
  }
  merge(experiment_info(), plan, folder / "r.h5");
  return trial_names(open_results(folder / "r.h5"));
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a trial is named by what is swept, and by its replicate") {
  CHECK(
      names_of(
          {{{"loss.beta", 4.0, true}, {"model.latent", 20.0, true}, {"data.batch", 128.0, false}},
           {{"loss.beta", 0.5, true}, {"model.latent", 20.0, true}, {"data.batch", 128.0, false}}},
          {0, 1}) == Names{"loss.beta=4,model.latent=20,replicate=0",
                           "loss.beta=0.5,model.latent=20,replicate=1"});
  CHECK(names_of({{{"loss.beta", 4.0, true}}}) == Names{"loss.beta=4"});
}

TEST_CASE("a trial without a sweep is named by its id") {
  CHECK(names_of({{{"loss.beta", 4.0, false}}}) == Names{"a0"});
}

TEST_CASE("a parameter that a trial does not have is left out of its name") {
  CHECK(names_of({{{"loss.beta", 4.0, true}}, {{"loss.gamma", 2.0, true}}}) ==
        Names{"loss.beta=4", "loss.gamma=2"});
}

TEST_CASE("trials whose parameters read the same are told apart by their ids") {
  const auto text = [](const std::string& value) {
    return std::vector<Parameter>{{"model.hidden", value, true}};
  };
  CHECK(names_of({text("[400, 400]"), text("[400 400]"), text("[200]")}) ==
        Names{"model.hidden=400_400-a0", "model.hidden=400_400-a1", "model.hidden=200"});
  CHECK(names_of({text("A"), text("a")}) == Names{"model.hidden=A-a0", "model.hidden=a-a1"});
}

TEST_CASE("hostile parameter texts give safe names") {
  for (const auto& value :
       {std::string("../../etc/passwd"), std::string("/etc/passwd"), std::string("a\nb\x1b[2J"),
        std::string("-rf *"), std::string(4000, 'x'), std::string("con|<>:\"?")}) {
    const auto name = names_of({{{"data.use", value, true}}}).front();
    CAPTURE(name);
    CHECK(name.size() <= 210);
    CHECK(name.rfind("data.use=", 0) == 0);
    CHECK(std::all_of(name.begin(), name.end(), [](char c) {
      return std::string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.+-_=,")
                 .find(c) != std::string::npos;
    }));
  }
}

TEST_CASE("a file name is given once") {
  FileNames names;
  CHECK(names.claim("v/a", ".png") == "v/a.png");
  CHECK(names.claim("v/a", ".gif") == "v/a.gif");
  CHECK(names.claim("v/A", ".png") == "v/A_2.png");
  CHECK(names.claim("v/a_3", ".png") == "v/a_3.png");
  CHECK(names.claim("v/a", ".png") == "v/a_4.png");
}

}  // namespace varia::pictures
