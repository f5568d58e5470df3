// Who a request is from: the API is on loopback only and knows no users yet.

export const LOCAL_USER = 'local';
