#include "cli/results/tidy_table.hpp"

#include <algorithm>
#include <sstream>

#include "support/catch.hpp"
#include "unit/results/results_fixtures.hpp"
#include "varia/error.hpp"

using namespace varia;
using namespace varia::results;
using cli::write_tidy_table;

namespace {

/// Two trials of 3 and of 1 epochs, whose arrays have 2 and 3 values.
Results make_results(const TemporaryFolder& folder) {
  auto first = header_of("a", 1);
  first.parameters.push_back({"value", std::string("=1+1, \"x\""), true});
  write_trial(folder / "a.h5", first, 3);
  TrialFile file(working(folder / "b.h5"), header_of("b", 0.5));
  file.append(record_of(1, -90, 3));
  file.publish(TrialState::failed, "loss is nan", folder / "b.h5", true);
  merge(experiment_info(), {{"a", folder / "a.h5"}, {"b", folder / "b.h5"}}, folder / "m.h5");
  return open_results(folder / "m.h5");
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("a tidy table has every value with its trial, once") {
  const TemporaryFolder folder;
  const auto results = make_results(folder);
  std::ostringstream out;
  const auto count = write_tidy_table(results, {0, 1}, {}, out);
  const auto lines = lines_of(out.str());
  REQUIRE(lines.size() == count + 1);
  CHECK(
      lines[0] ==
      "trial,loss.beta,parameter value,replicate,seed,status,split,metric,index,epoch,step,value");
  const auto has = [&](const std::string& line) {
    return std::count(lines.begin(), lines.end(), line) == 1;
  };
  const std::string a = "a,1,\"'=1+1, \"\"x\"\"\",2,18364758544493064720,done,";
  const std::string b = "b,0.5,,2,18364758544493064720,failed,";
  CHECK(has(a + "test,elbo,,3,,-97"));
  CHECK(has(a + "test,kl_per_dim_z,1,2,,2.1"));
  CHECK(has(b + "test,kl_per_dim_z,2,1,,1.2"));
  CHECK(has(a + "train,train_loss,,,25,8"));
  CHECK(has(a + "schedules,loss.beta,,2,,0.2"));
  CHECK(has(b + "timing,seconds,,1,,0.5"));
  // 3 + 1 epochs of: loss, elbo, schedule, seconds, two values per step; and 3 * 2 + 3 of arrays.
  CHECK(count == 4 * 6 + 9);
}

TEST_CASE("a tidy table can have some trials and metrics alone") {
  const TemporaryFolder folder;
  const auto results = make_results(folder);
  std::ostringstream out;
  CHECK(write_tidy_table(results, {1}, {"test/elbo"}, out) == 1);
  CHECK(lines_of(out.str())[1] == "b,0.5,,2,18364758544493064720,failed,test,elbo,,1,,-89");
  CHECK_THROWS_WITH(write_tidy_table(results, {1}, {"test/elbow"}, out),
                    Catch::Matchers::ContainsSubstring("Did you mean 'test/elbo'?"));
}
