#include "cluster/frozen_files.hpp"

#include "unit/cluster/cluster_fixtures.hpp"

using namespace varia;
using namespace varia::cluster;
using namespace varia::cluster::testing;

namespace {

const std::string kOne(64, '1');
const std::string kTwo(64, '2');

experiment::SharedValue section(const std::string& yaml, const std::string& file) {
  return std::make_shared<const Value>(experiment::read_yaml_text(yaml, file));
}

experiment::Trial trial_of(const std::string& id, experiment::SharedValue model) {
  experiment::Trial trial;
  trial.id = id;
  trial.data = section("{use: idx, images: train.idx}", "/data/e.yaml");
  trial.model = std::move(model);
  trial.loss = trial.optimizer = section("{use: any}", "/data/e.yaml");
  trial.metrics = trial.views = std::make_shared<const std::vector<experiment::ListEntry>>();
  return trial;
}

}  // namespace

TEST_CASE("the files of a plan are those whose content belongs to its trials") {
  const auto shared = section("{use: torchscript, encoder: nets/../a.pt, encoder_sha256: " + kOne +
                                  ", decoder: /nets/b.pt, decoder_sha256: " + kTwo +
                                  ", inner: {list: [{path: c.pt, path_sha256: " + kOne + "}]}}",
                              "/home/me/e.yaml");
  const auto other =
      section("{use: torchscript, encoder: d.pt, encoder_sha256: " + kTwo + "}", "/home/me/e.yaml");
  experiment::Plan plan;
  for (const char* id : {"0", "1"}) plan.trials.push_back(trial_of(id, shared));
  plan.trials.push_back(trial_of("2", other));

  const auto files = parameter_files(plan, {"0", "1"});
  REQUIRE(files.size() == 3);
  CHECK(files[0].file == "/home/me/a.pt");
  CHECK(files[0].digest == kOne);
  CHECK(files[1].file == "/nets/b.pt");
  CHECK(files[1].digest == kTwo);
  CHECK(files[2].file == "/home/me/c.pt");
  REQUIRE(parameter_files(plan, {"2"}).size() == 1);
  CHECK(parameter_files(plan, {"2"})[0].file == "/home/me/d.pt");
  CHECK(parameter_files(plan, {}).empty());
}
