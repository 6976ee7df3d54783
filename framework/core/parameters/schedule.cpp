#include "varia/schedule.hpp"

namespace varia {

Schedule::~Schedule() = default;

}  // namespace varia
