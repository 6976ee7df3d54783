#include "sweep/search/proposals.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "experiment/yaml/yaml_reader.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace varia::sweep {
namespace {

namespace fs = std::filesystem;

Value yaml(const std::string& text) { return experiment::read_yaml_text(text, "space.yaml"); }

const char* const kSpace = "{count: 16, optimizer.lr: {log_uniform: [1e-4, 1e-2]}}";

TEST_CASE("proposals read back as they were written") {
  const varia::testing::TemporaryFolder folder;
  const auto path = folder / "proposals.yaml";
  const ProposalFile file(path, yaml(kSpace), 4);
  CHECK(file.read().empty());
  file.write({{yaml("{optimizer.lr: 0.00123}"), "0-9"}, {yaml("{optimizer.lr: 0.005}"), "0-8, 10"}},
             10);
  const auto read = file.read();
  REQUIRE(read.size() == 2);
  CHECK(same_content(read[0].point, yaml("{optimizer.lr: 1.23e-3}")));
  CHECK(read[1].results == "0-8, 10");
  CHECK(points_of(read).size() == 2);
}

TEST_CASE("points belong to a space and a seed; the number of points may change") {
  const varia::testing::TemporaryFolder folder;
  const auto path = folder / "proposals.yaml";
  const ProposalFile file(path, yaml(kSpace), 4);
  file.write({{yaml("{optimizer.lr: 0.00123}"), "0-9"}}, 10);
  const ProposalFile more(path, yaml("{count: 99, optimizer.lr: {log_uniform: [0.0001, 0.01]}}"),
                          4);
  CHECK(more.read().size() == 1);
  const ProposalFile other_seed(path, yaml(kSpace), 5);
  CHECK(other_seed.read().empty());
  const ProposalFile other(path, yaml("{count: 16, optimizer.lr: {log_uniform: [1e-4, 1e-1]}}"), 4);
  CHECK(other.read().empty());
  other.write({{yaml("{optimizer.lr: 0.05}"), "0-9"}, {yaml("{optimizer.lr: 0.06}"), "0-9"}}, 10);
  CHECK(other.read().size() == 2);
  CHECK(file.read().size() == 1);  // the other space's points are still there
}

TEST_CASE("a damaged file is an error that says what to do") {
  const varia::testing::TemporaryFolder folder;
  const auto path = folder / "proposals.yaml";
  const ProposalFile file(path, yaml(kSpace), 4);
  for (const auto* text : {"{", "a: 1",
                           "- {space: {optimizer.lr: {log_uniform: [1e-4, 1e-2]}}, "
                           "seed: 4, points: [{index: 1}]}"}) {
    std::ofstream(path) << text;
    CHECK_THROWS_AS(file.read(), StoreError);
  }
}

TEST_CASE("indices are written as ranges") {
  CHECK(ranges_text({}).empty());
  CHECK(ranges_text({3}) == "3");
  CHECK(ranges_text({0, 1, 2, 4, 7, 8}) == "0-2, 4, 7-8");
}

}  // namespace
}  // namespace varia::sweep
