# R 4.2.2, package aberrance (the run did not record its version). The data are simulated here.
set.seed(20240101)
psi <- cbind(a = rlnorm(30, 0, .25), b = rnorm(30), c = rep(0, 30))
xi <- cbind(theta = rnorm(60))
P <- t(sapply(xi[, 1], function(t) 1 / (1 + exp(-psi[, 1] * (t - psi[, 2])))))
x <- (matrix(runif(60 * 30), 60) < P) * 1L
x[2, ] <- x[1, ]; x[4, 1:24] <- x[3, 1:24]
write.csv(x, "scores.csv", row.names = FALSE)
write.csv(psi, "items.csv", row.names = FALSE)
write.csv(xi, "abilities.csv", row.names = FALSE)
r <- aberrance::detect_pm(method = c("L_S_TS", "L_S_NO"), psi = psi, xi = xi, x = x)
write.csv(r$stat, "parametric.csv", row.names = FALSE)
r <- aberrance::detect_nm(method = c("ZU3_S", "HT_S"), x = x)
write.csv(r$stat, "order.csv", row.names = FALSE)
# similarity.csv keeps the first 240 pairs and every twentieth of the rest.
r <- aberrance::detect_as(method = c("OMG_S", "GBT_S", "M4_S"), psi = psi, xi = xi, x = x)
write.csv(data.frame(pair = rownames(r$stat), r$stat, p = r$pval), "similarity.csv", row.names = FALSE)
