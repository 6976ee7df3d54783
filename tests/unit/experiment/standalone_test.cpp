#include "experiment/standalone.hpp"

#include "experiment/yaml/yaml_writer.hpp"
#include "support.hpp"

using namespace varia;
using namespace varia::experiment;
using namespace varia::experiment::testing;

namespace {

/// Where the value of data.path would start, as a data set sees it.
std::string folder_of_path(const Experiment& experiment) {
  const auto& where = experiment.tree.find("data")->find("path")->where();
  return std::filesystem::path(where.file).parent_path().string();
}

}  // namespace

TEST_CASE("a standalone experiment keeps its name, its plugins and the start of its paths") {
  const Experiment original =
      read_experiment_text("data: {use: idx, path: train.idx}\nplugins: [mine.so, /there/b.so]\n",
                           "/home/me/e.yaml", {"loss.beta=4"});
  const std::string yaml = write_yaml(standalone(original));
  const Experiment copy = read_experiment_text(yaml, "/results/e/submissions/1/experiment.yaml");
  CHECK(copy.name == "e");
  CHECK(copy.plugins == std::vector<std::string>{"/home/me/mine.so", "/there/b.so"});
  CHECK(copy.tree.find("data")->find("path")->text() == "train.idx");
  CHECK(copy.tree.find("loss")->find("beta")->text() == "4");
  CHECK(folder_of_path(copy) == "/home/me");
  CHECK(copy.tree.find("relative_to") == nullptr);
}

TEST_CASE("relative_to moves the start of all relative paths of its file") {
  const Experiment read = read_experiment_text(
      "relative_to: ../there\ndata: {path: a}\nplugins: [b.so]\n", "/home/me/e.yaml");
  CHECK(folder_of_path(read) == "/home/there");
  CHECK(read.plugins == std::vector<std::string>{"/home/there/b.so"});
  CHECK(message_of([] { experiment_of("relative_to: [a]"); }) ==
        "e.yaml:1:14: relative_to: expected a folder, found a list of 1");
}
