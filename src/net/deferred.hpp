// Work put off until the sockets that are ready have been served.
#pragma once

#include <boost/intrusive/list_hook.hpp>

namespace turnomatic::net {

using deferred_hook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<struct deferred_tag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// Has work that is cheaper once for all sockets that were ready together: one command for the
/// requests of many connections, one write for the answers to one of them.
/// Destroying it withdraws it.
class deferred_work : public deferred_hook {
 public:
  virtual void run_deferred() = 0;

 protected:
  ~deferred_work() = default;
};

}  // namespace turnomatic::net
