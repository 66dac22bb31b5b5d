# LSAT6 (Bock & Lieberman 1970): Rasch by marginal maximum likelihood. A rater of a facet model with one item is what
# an item is here, so severities must be these difficulties about their mean.
library(TAM); library(mirt)
fit <- tam.mml(LSAT6, control = list(nodes = seq(-6, 6, len = 81), conv = 1e-8, convD = 1e-8, maxiter = 5000, progress = FALSE))
print(fit$xsi); print(logLik(fit)); print(fit$variance)
