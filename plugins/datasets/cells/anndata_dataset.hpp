#pragma once

#include <memory>
#include <string>

#include "varia/dataset.hpp"

namespace varia::datasets {

struct AnnDataParams final : DatasetParams {
  AnnDataParams();
  ~AnnDataParams() override;

  Text file;
  Text layer;
  Choice domain;
  Choice missing;
  Text label;
  TextList covariates;
  Real test;

  /// The one that fits what the matrix begins with. @throws DataError
  std::string default_likelihood() const override;

 protected:
  void check() const override;
};

/// Cells of an AnnData file (.h5ad): counts or other numbers of features, one class for each cell,
/// and covariates. A dense matrix is mapped if it lies in the file as in memory; one that is sparse
/// stays sparse in memory.
class AnnDataDataset final : public Dataset {
 public:
  using Params = AnnDataParams;
  /// @param params outlive it
  explicit AnnDataDataset(const Params& params) : params_(params) {}
  std::shared_ptr<const Samples> load(std::string_view split) override;
  std::string digest() override;

 private:
  void open();

  const Params& params_;
  std::shared_ptr<const Samples> train_;
  std::shared_ptr<const Samples> test_;  // null if there is none
};

}  // namespace varia::datasets
