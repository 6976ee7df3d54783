#include "experiment/experiment.hpp"

#include "experiment/yaml/yaml_writer.hpp"
#include "support.hpp"

using namespace varia;
using namespace varia::experiment;
using namespace varia::experiment::testing;

namespace {

/// Where the value of `path` in a section would start, as a component sees it.
std::string folder_of_path(const Experiment& experiment, const std::string& section = "data") {
  const auto& where = experiment.tree.find(section)->find("path")->where();
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
        "e.yaml:1:14: relative_to: expected a folder, or a map from sections to folders, found a "
        "list of 1");
  CHECK(message_of([] { experiment_of("relative_to: {modl: /a}\ndata: {}"); }) ==
        "e.yaml:1:15: relative_to: this file has no section 'modl'");
}

TEST_CASE("sections from files of several folders keep each its own start of paths") {
  const varia::testing::TemporaryFolder folder;
  std::filesystem::create_directory(folder / "base");
  std::ofstream(folder / "base/base.yaml") << "data: {use: idx, path: train.idx}\nloss: elbo\n";
  const auto path = (folder / "e.yaml").string();
  const auto read = read_experiment_text("extends: base/base.yaml\nmodel: {path: a.pt}\n", path);
  const Experiment copy = read_experiment_text(write_yaml(standalone(read)), "/results/e.yaml");
  CHECK(folder_of_path(copy) == (folder / "base").string());
  CHECK(folder_of_path(copy, "model") == folder.path().string());
  CHECK(copy.tree.find("relative_to") == nullptr);
}
